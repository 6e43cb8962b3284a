"""What goes into a recommendation and what comes out of it. No torch here."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from training.ml.stored import Stored, read

SYSTEMS = ("tuned", "popularity", "recent", "itemknn", "ease", "itemknn_recency", "ease_recency", "content")
"""Everything that a deployment may answer with: the blend, and the simple methods it is measured against."""


@dataclass(frozen=True)
class Item:
    """One thing of the catalogue, as a line of items.jsonl has it."""

    item: str
    title: str
    text: str = ""
    category: str | None = None
    price: float | None = None
    picture: str | None = None
    link: str | None = None
    available: bool = True
    currency: str | None = None
    """A code such as EUR, or a sign where the data says no more."""

    @classmethod
    def from_json(cls, values: Stored) -> Item:
        """Read a line; a title that is missing falls back to the id."""
        key = str(values["item"])
        price = values.get("price")
        return cls(
            item=key,
            title=str(values.get("title") or key),
            text=str(values.get("text") or ""),
            category=str(values["category"]) if values.get("category") else None,
            price=float(str(price)) if price is not None else None,
            picture=str(values["picture"]) if values.get("picture") else None,
            link=str(values["link"]) if values.get("link") else None,
            available=values.get("available") is not False,
            currency=str(values["currency"])[:3] if values.get("currency") else None,
        )

    @property
    def words(self) -> str:
        """All that a text model may know of it."""
        parts = (self.title, self.category or "", self.text)
        kept = [part.strip() for i, part in enumerate(parts) if part.strip() and part.strip() not in parts[:i]]
        return ". ".join(kept)

    def to_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Why:
    """The reason of a pick, out of the scores themselves."""

    kind: str
    """because: the items of the history without which it would score lower, the strongest first; text: words of the
    query that it holds; popular: many chose it, and nothing of the person's speaks for it; other: not even that; rule:
    the owner's boost put it there."""
    items: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Pick:
    """One recommended item."""

    item: str
    score: float
    reason: Why

    @classmethod
    def from_json(cls, values: Stored) -> Pick:
        return read(cls, values)

    def to_json(self) -> dict[str, object]:
        return asdict(self)
