"""Patterns for what is short, such as a date in a cell: a longer text never fits, and is not looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Short:
    """A pattern that never meets more than MOST characters, so that it may be as careful as it needs to be."""

    pattern: re.Pattern[str]
    most: int

    def fullmatch(self, text: str) -> re.Match[str] | None:
        return self.pattern.fullmatch(text) if len(text) <= self.most else None

    def begins(self, text: str) -> re.Match[str] | None:
        """The pattern at the start of a text, of which no more than MOST characters are looked at."""
        return self.pattern.match(text, 0, self.most)
