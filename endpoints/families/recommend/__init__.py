"""A recommender is served: things as cards or as a row on somebody's page, under the owner's rules."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from endpoints.families import Serving, Tab, Tryout
from endpoints.families.recommend import answering, correcting, samples, starters

SERVING = Serving(
    answering=answering,
    correcting=correcting,
    samples={"curl": samples.curl, "Python": samples.python, "JavaScript": samples.javascript},
    api=_(
        "Recommendations for a history, a sentence, or beside one thing. The model's name is %(name)s. Clients of "
        "OpenAI's interface can ask it too and get the answer in words."
    ),
    starters=starters.things_to_look_for,
    rules=starters.only_in_stock,
    starters_title=_("Starter questions"),
    tryout=Tryout(
        lead=_("Say what you are looking for, such as a gift under 20 or something like a thing of yours."),
        label=_("What are you looking for?"),
        sides=("tuned",),  # it was nothing before that could be asked
    ),
    sureness=None,  # a list says of itself when it is only what many take
    tabs=(Tab("rules", _("Rules"), "endpoints:rules"),),
    row=samples.row,
    router="endpoints.families.recommend.api.router",
)
