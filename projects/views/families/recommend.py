"""A log of who took what when on the page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from projects.views import _log
from projects.views.families import Look

LOOK = Look(
    _log,
    "projects/_interactions.html",
    "projects/_interactions_ready.html",
    lead=_("This is ready to learn from."),
)
