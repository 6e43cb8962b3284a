"""Its data on the page."""

from __future__ import annotations

from projects.views import _check
from projects.views.families import Look

LOOK = Look(_check, "projects/_texts.html", "projects/_texts_ready.html", apart="No row is on two sides.")
