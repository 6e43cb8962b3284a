"""Content picks: what to read or watch next, from what people opened and finished before."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from projects.usecases import Piece, UseCase
from projects.usecases import _interactions as log

USE_CASE = UseCase(
    slug="content_picks",
    order=60,
    title=_("Content picks"),
    sentence=_("Suggests the articles, videos or courses that each reader will want next."),
    needs=_("A log of who opened or rated what and when. A table of your articles makes it better."),
    outcome=_("A chat and a row of picks for your site, each with a reason."),
    family="recommend",
    base_models=log.BASE_MODELS,
    embedder=log.EMBEDDER,
    roles=log.roles(
        _("Who opened it: a reader or viewer."), _("What was opened: an article or video."), _("When it was opened.")
    ),
    system_prompt="",
    greeting=_("Hello. What would you like to read or watch?"),
    starters=(_("Something short"), _("What is new?"), _("More like what I read last")),
    sample="content_picks.csv",
    sample_items="content_picks_items.csv",
    about_sample=_(
        "Take the sample: what readers of an invented magazine for cooks and gardeners opened, and its articles."
    ),
    picture=(
        Piece(_("Read to the end: sourdough for beginners"), icon="file-text", mark=_("just now")),
        Piece(_("Next: why your cake sinks")),
        Piece(_("Because you bake: a film about rye"), _("12 min"), "accent", "play"),
    ),
    metrics=log.METRICS,
)
