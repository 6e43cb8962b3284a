"""The verdict of a report in words: the first thing on its page, and what the command line prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    kind: str  # good, even or bad
    headline: str
    sentences: list[str]
    recommend: str  # tuned, or the simpler way that answers better
    figure: int = 0
    of: int = 0
    figure_label: str = ""

    @property
    def text(self) -> str:
        return " ".join([self.headline, *self.sentences])
