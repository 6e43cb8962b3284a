"""A classifier is served: labels with how sure they are, whole files scored, what was asked over time."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from endpoints.families import Serving, Sureness, Tab, Tryout
from endpoints.families.classify import answering, correcting, samples, starters

SERVING = Serving(
    answering=answering,
    correcting=correcting,
    samples={"curl": samples.curl, "Python": samples.python, "JavaScript": samples.javascript},
    api=_(
        "One request labels up to 1,000 texts. The model's name is %(name)s. Clients of OpenAI's interface can ask it "
        "too and get the answer in words."
    ),
    starters=starters.texts_to_try,
    starters_title=_("Texts to try"),
    tryout=Tryout(lead=_("Give it a text of yours."), label=_("Text"), unsure=True),
    sureness=Sureness(
        help=_(
            "How likely a label must be. Below this the classifier says that it is not sure, names the two nearest "
            "labels and offers a person. 0 means that it always gives a label."
        ),
        said=_("%(value)s: it would have said that it is not sure about %(share)s of 100 texts of the report."),
        recommended=_(
            "The report recommends %(value)s: above it, %(above)s of 100 labels were right, without it %(right)s of 100."
        ),
        columns=(
            ("at", _("How sure it must be")),
            ("share", _("Not sure, of 100 texts")),
            ("above", _("Right, of 100 texts above")),
        ),
    ),
    tabs=(
        Tab("score", _("Label a file"), "endpoints:scorings"),
        Tab("trends", _("Trends"), "endpoints:trends"),
    ),
    router="endpoints.families.classify.api.router",
)
