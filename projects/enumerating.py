"""Several things in one sentence, set apart as the reader's language does."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import translation
from django.utils.translation import gettext as _

MORE = "…"
"""The last name of a list that was cut."""


def listed(names: Iterable[object]) -> str:
    """The names one after the other: "red, green"; "红、绿"."""
    return _(", ").join(str(name) for name in names)


def sentences(parts: Iterable[object]) -> str:
    """Sentences one after the other, without the empty ones. A full stop of Chinese holds the blank itself."""
    blank = "" if (translation.get_language() or "").startswith("zh") else " "
    return blank.join(str(part) for part in parts if part)
