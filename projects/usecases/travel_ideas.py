"""Travel ideas: where to go next, from where people went and what they liked there."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from projects.usecases import Piece, UseCase
from projects.usecases import _interactions as log

USE_CASE = UseCase(
    slug="travel_ideas",
    order=70,
    title=_("Travel ideas"),
    sentence=_("Suggests trips, hotels or places that fit where somebody has been and what they wish for."),
    needs=_("A log of who booked or rated what and when. A table of your trips makes it better."),
    outcome=_("A chat and a row of ideas for your site, each with a reason."),
    family="recommend",
    base_models=log.BASE_MODELS,
    embedder=log.EMBEDDER,
    roles=log.roles(
        _("Who booked it: a guest or traveller."),
        _("What was booked: a trip, hotel or place."),
        _("When it was booked."),
    ),
    system_prompt="",
    greeting=_("Hello. Where would you like to go?"),
    starters=(_("A quiet week by the sea"), _("Mountains, without a car"), _("With children under 200 a night")),
    sample="travel_ideas.csv",
    sample_items="travel_ideas_items.csv",
    about_sample=_("Take the sample: ratings of trips by guests of an invented travel agency, and its trips."),
    picture=(
        Piece(_("By the sea, with children, under 900"), mine=True),
        Piece(_("Islands by ferry, eight days"), "890", "good", "globe"),
        Piece(_("Cabin by a quiet bay"), "640", "good", "globe"),
    ),
    metrics=log.METRICS,
)
