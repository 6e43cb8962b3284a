"""Tokens into text as soon as it is certain: whole characters only, nothing that may still become a stop text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

HALF = "\ufffd"
LONGEST_HALF = 8
"""After so many tokens that make no whole character the bytes are taken for what they are."""


class Writer:
    """Takes tokens, gives text."""

    def __init__(self, decode: Callable[[list[int]], str], stop: Sequence[str] = ()) -> None:
        self.decode = decode
        self.stop = tuple(word for word in stop if word)
        self.stopped = False
        self._ids: list[int] = []
        self._known = 0  # ids before this are context only, so that long answers are not decoded again and again
        self._said = 0
        self._pending = ""

    def add(self, token: int) -> str:
        """The text that is certain now that this token is known."""
        self._ids.append(token)
        before = self.decode(self._ids[self._known : self._said])
        text = self.decode(self._ids[self._known :])
        if text.endswith(HALF) and len(self._ids) - self._said < LONGEST_HALF:
            return ""
        self._known, self._said = self._said, len(self._ids)
        return self._certain(text[len(before) :])

    def end(self) -> str:
        """What is left when no token follows; half a character is dropped."""
        if self.stopped:
            return ""
        before = self.decode(self._ids[self._known : self._said])
        rest = self.decode(self._ids[self._known :])[len(before) :].rstrip(HALF)
        text = self._certain(rest)
        left, self._pending = self._pending, ""
        return text if self.stopped else text + left

    def _certain(self, more: str) -> str:
        text = self._pending + more
        places = [place for place in map(text.find, self.stop) if place >= 0]
        if places:
            self.stopped, self._pending = True, ""
            return text[: min(places)]
        held = max((n for word in self.stop for n in range(1, len(word)) if text.endswith(word[:n])), default=0)
        self._pending = text[len(text) - held :]
        return text[: len(text) - held]
