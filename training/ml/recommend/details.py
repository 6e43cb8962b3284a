"""What a recommender's manifest keeps of its own."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from training.ml.recommend.blend import Blend
from training.ml.recommend.building import Choices
from training.ml.recommend.sentences import Finder
from training.ml.stored import Stored, read


@dataclass(frozen=True, kw_only=True)
class Details:
    protocol: str = ""
    """How the test part was kept apart."""
    question: str = ""
    """The same for the validation part."""
    choices: Choices
    blend: Blend
    shares: dict[str, float] = field(default_factory=dict)
    """Member → its share of the blend."""
    new_share: float
    """How much their text counts for things that nobody took yet."""
    finder: Finder

    @classmethod
    def from_json(cls, values: Stored) -> Details:
        return read(cls, values)

    def to_json(self) -> dict[str, object]:
        return asdict(self)
