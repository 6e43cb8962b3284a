"""A chat is served: it answers in text, with the known answers behind it, and is corrected with words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from endpoints.families import Serving, Sureness, Tryout
from endpoints.families.chat import answering, correcting, samples, starters

SERVING = Serving(
    answering=answering,
    correcting=correcting,
    samples={"curl": samples.curl, "Python": samples.python, "JavaScript": samples.javascript},
    api=_("OpenAI's interface: any client of theirs works with this address. The model's name is %(name)s."),
    starters=starters.known_questions,
    starters_title=_("Starter questions"),
    tryout=Tryout(lead=_("Ask it what your visitors ask."), label=_("Your question")),
    sureness=Sureness(
        help=_(
            "How near a known question must be. Below this the assistant says that it is not sure and offers "
            "the nearest known answer. 0 means that it always tries to answer."
        ),
        said=_("%(value)s: it would have said that it is not sure to %(share)s of 100 questions of the report."),
        recommended=_(
            "The report recommends %(value)s: below it, the answers were worse or no question was near enough."
        ),
        columns=(
            ("at", _("How sure it must be")),
            ("share", _("Not sure, of 100 questions")),
            ("below", _("Quality below")),
            ("above", _("Quality above")),
        ),
    ),
    untouched=answering.BASE,
)
