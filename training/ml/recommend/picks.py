"""What goes into a recommendation and what comes out of it. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

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

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Item:
        """Read a line; a title that is missing falls back to the id."""
        key = str(values["item"])
        price = values.get("price")
        return cls(
            item=key,
            title=str(values.get("title") or key),
            text=str(values.get("text") or ""),
            category=str(values["category"]) if values.get("category") else None,
            price=float(price) if price is not None else None,
            picture=values.get("picture") or None,
            link=values.get("link") or None,
            available=values.get("available") is not False,
        )

    @property
    def words(self) -> str:
        """All that a text model may know of it."""
        parts = (self.title, self.category or "", self.text)
        kept = [part.strip() for i, part in enumerate(parts) if part.strip() and part.strip() not in parts[:i]]
        return ". ".join(kept)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Why:
    """The reason of a pick, out of the scores themselves."""

    kind: str
    """because: the items of the history without which it would score lower, the strongest first; text: words of the
    query that it holds; popular: nothing of the person's; rule: the owner's boost put it there."""
    items: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "items": self.items, "words": self.words}


@dataclass(frozen=True)
class Pick:
    """One recommended item."""

    item: str
    score: float
    reason: Why

    def as_dict(self) -> dict[str, Any]:
        return {"item": self.item, "score": self.score, "reason": self.reason.as_dict()}
