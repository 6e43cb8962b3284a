"""What a model must not say: its own instructions, however they are asked for, and the same thing over and over."""

from __future__ import annotations

import base64
import codecs
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
RUN, WIDE_RUN = 28, 12
"""So many letters in a row of the instructions, signs and spaces aside, are no chance."""
CHANCE = 4
"""Letters that end like a part of the instructions by chance; they need not wait."""
MOSTLY = 0.6
"""A short answer of which this share is a stretch of the instructions is a piece of them."""
View = Callable[[str], str]
LONGEST_ROUND, LEAST_REPEATED = 240, 60
"""Characters of one round of a loop, and how many of them must have been said three times."""


def plain(text: str) -> str:
    """Letters and digits alone, so that spaces, signs, accents and capitals between them hide nothing."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return "".join(c for c in unicodedata.normalize("NFKC", bare).casefold() if c.isalnum())


def letters(text: str) -> str:
    """Without digits, so that numbers of a list between them hide nothing either."""
    return "".join(c for c in plain(text) if not c.isdecimal())


VIEWS: tuple[View, ...] = (plain, letters)


@lru_cache(maxsize=64)
def _disguises(prompt: str) -> tuple[str, ...]:
    """The instructions as they stand, backwards by letters and by words, and in the usual encodings."""
    raw, words = prompt.encode(), prompt.split()
    coded = [base64.b64encode(raw[start:]).decode() for start in range(3)]
    turned = [" ".join(reversed(words)), " ".join(word[::-1] for word in words)]
    return (prompt, prompt[::-1], *turned, codecs.encode(prompt, "rot13"), raw.hex(), *coded)


class Guard:
    """Lets an answer through piece by piece and keeps back what may become a part of the instructions."""

    def __init__(self, prompt: str, allowed: Iterable[str] = ()) -> None:
        """ALLOWED are texts that may be said although the instructions hold them: known answers."""
        known = [*allowed]
        self.run = WIDE_RUN if len(WIDE.findall(prompt)) > len(prompt) / 3 else RUN
        self.chance = 1 if self.run == WIDE_RUN else CHANCE
        self.allowed = {view: " ".join(view(text) for text in known) for view in VIEWS}
        seen = {view: [view(text) for text in _disguises(prompt)] for view in VIEWS}
        self.secrets = {view: [one for one in found if len(one) >= self.run] for view, found in seen.items()}
        self.held = ""
        self.said = ""
        self.leaked = self.round = False

    def pass_on(self, text: str) -> str:
        """What of the answer may be shown now; nothing more once it leaked or went round."""
        if self.leaked or self.round:
            return ""
        self.held += text
        found = {view: self._running(view) for view in VIEWS}
        if max(found.values()) >= self.run:
            self.leaked = True
            return ""
        free = min(self._before_last(view, length) for view, length in found.items())
        shown, self.held = self.held[:free], self.held[free:]
        self.said = (self.said + shown)[-3 * LONGEST_ROUND :]
        self.round = goes_round(self.said)
        return shown

    def rest(self) -> str:
        """What was kept back and turned out to be harmless."""
        if self.leaked or self.round:
            return ""
        # An answer that is little else than a piece of the instructions is one of many pieces that somebody puts together.
        length = self._running(plain)
        self.leaked = length >= self.run // 2 and length >= MOSTLY * len(plain(self.said + self.held))
        return "" if self.leaked else self.held

    def _running(self, view: View) -> int:
        """The longest stretch of the instructions: at the end of what is held, or the whole run anywhere in it.

        The few letters before it, which were shown because they could be chance, belong to it.
        """
        text = view(self.said[-4 * CHANCE :])[-self.chance :] + view(self.held)
        for end in range(self.run, len(text) + 1):
            if self._secret(view, text[end - self.run : end]):
                return self.run
        for length in range(min(self.run - 1, len(text)), self.chance, -1):
            if self._secret(view, text[-length:]):
                return length
        return 0

    def _secret(self, view: View, part: str) -> bool:
        return any(part in secret for secret in self.secrets[view]) and part not in self.allowed[view]

    def _before_last(self, view: View, length: int) -> int:
        """Where the last so many letters of what is held begin."""
        place = len(self.held)
        while length > 0 and place:
            place -= 1
            length -= len(view(self.held[place]))
        return place


def goes_round(text: str) -> bool:
    """Whether a text ends with the same thing said three times in a row."""
    for period in range(2, min(LONGEST_ROUND, len(text) // 3) + 1):
        unit = text[-period:]
        times = max(3, -(-LEAST_REPEATED // period))
        if text.endswith(unit * times):
            return True
    return False
