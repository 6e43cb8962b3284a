"""What a classifier's manifest keeps of its own. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from training.ml.classify.blending import Blend
from training.ml.classify.scope import Scope
from training.ml.stored import Stored, read


@dataclass(frozen=True)
class Pool:
    """A blend without its tilt: what is published and the pool without the trained encoder share one."""

    weights: dict[str, float]
    averaged: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, blend: Blend) -> Pool:
        return cls(blend.weights, list(blend.averaged))

    def blend(self, multi: bool, tilt: tuple[float, ...]) -> Blend:
        return Blend(self.weights, multi, tilt, tuple(self.averaged))


@dataclass(frozen=True)
class SecondEncoder:
    """A second encoder that it was learned with."""

    slug: str
    revision: str


@dataclass(frozen=True, kw_only=True)
class Details:
    labels: list[str]
    multi: bool
    blend: Pool
    """What is published."""
    untrained: Pool | None = None
    """The same without the trained encoder, which models of version 0.1 have not."""
    tilt: tuple[float, ...] = ()
    second: SecondEncoder | None = None
    scope: Scope
    longest: int
    """Tokens of a text that are read."""
    threshold: float

    @classmethod
    def from_json(cls, values: Stored) -> Details:
        pools = {name: _pool(values[name]) for name in ("blend", "untrained") if values.get(name)}
        return read(cls, {**values, **pools, "tilt": values.get("tilt") or ()})

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def _pool(stored: object) -> object:
    """Until 0.1 it was the weights alone."""
    return {"weights": stored} if isinstance(stored, Mapping) and "weights" not in stored else stored
