"""How the engine answers with a family's models. One file is one family with one object, `ENGINE`; no Django here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache

from endpoints.engine.memory import Memory
from endpoints.engine.wire import Refused
from projects import discover

Answer = Callable[[Memory, Mapping[str, object]], Awaitable[dict[str, object]]]


@dataclass(frozen=True)
class Served:
    """A family in the engine."""

    door: str = ""
    """The address that its models are asked at; those that write text share the chat's."""
    answer: Answer | None = None

    @property
    def writes(self) -> bool:
        """Whether its models write text, many at once, on the scheduler's thread."""
        return self.answer is None


@cache
def every() -> Mapping[str, Served]:
    return discover.parts(__name__, "ENGINE", Served)


def of(family: str) -> Served:
    """How a family is served; a model of a family that is not here is refused."""
    try:
        return every()[family]
    except KeyError:
        raise Refused(400, f"There is no family '{family}'.", "broken_model", "lora_path") from None
