"""Product recommendation: what somebody will like next, from what people bought before."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from projects.usecases import Piece, UseCase
from projects.usecases import _interactions as log

USE_CASE = UseCase(
    slug="recommendation",
    order=50,
    title=_("Product recommendations"),
    sentence=_("Shows each customer the products that fit what they bought, or what they ask for."),
    needs=_("A log of who bought what and when. A table of your products makes it better."),
    outcome=_("A chat and a row of products for your shop, each with a reason."),
    family="recommend",
    base_models=log.BASE_MODELS,
    embedder=log.EMBEDDER,
    roles=log.roles(
        _("Who bought it: a customer number."), _("What was bought: a product number."), _("When it was bought.")
    ),
    system_prompt="",
    greeting=_("Hello. What are you looking for?"),
    starters=(_("A gift under 20"), _("Something new for the kitchen"), _("What do others like?")),
    sample="recommendation.csv",
    sample_items="recommendation_items.csv",
    about_sample=_("Take the sample: purchases in an invented shop for kettles, tea and coffee, and its products."),
    picture=(
        Piece(_("Bought: pour-over kettle"), _("history"), icon="shopping-bag"),
        Piece(_("Paper filters, size 02"), "1", "accent", "sparkles"),
        Piece(_("Hand grinder"), "2", "accent", "sparkles"),
    ),
    metrics=log.METRICS,
)
