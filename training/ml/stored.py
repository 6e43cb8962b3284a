"""JSON that we wrote, perhaps long ago, read into a dataclass. No torch here.

A key that is missing takes the field's default, one that no field knows is passed over; a value that cannot be taken for
the field's kind raises ValueError. So a studio goes on reading what the version before it stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter

Stored = Mapping[str, object]
"""An object of JSON as it lies in a file or a column."""
Kind = TypeVar("Kind")


_READERS: dict[object, TypeAdapter[Any]] = {}
"""Made once, which takes a tenth of a second for a report."""


def read(kind: type[Kind], values: object) -> Kind:
    """A dataclass, with the dataclasses in its fields, from what was stored of it."""
    reader = _READERS.get(kind) or _READERS.setdefault(kind, TypeAdapter(kind))
    found: Kind = reader.validate_python(values)
    return found


def present(values: Stored) -> Stored:
    """Without the keys that hold null, where that says no more than a key that is missing."""
    return {name: value for name, value in values.items() if value is not None}
