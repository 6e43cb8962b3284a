"""Questions with their answers on the page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from projects.views import _check
from projects.views.families import Look

LOOK = Look(
    _check,
    "projects/_texts.html",
    "projects/_texts_ready.html",
    apart=_(
        "The same question is never in the training and in the final test, so the test is honest. The rows of the test "
        "stay the same for this data."
    ),
)
