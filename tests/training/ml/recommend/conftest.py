"""A small shop whose customers have tastes, and a recommender made from it once for all tests here."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from training.ml.config import TrainConfig

THEMES = {"garden": "spade rake pot seeds trowel gloves hose bench", "kitchen": "pan knife bowl spoon kettle mug plate whisk",
          "toys": "train puzzle doll robot kite blocks ball drum", "office": "pen paper lamp folder stapler desk chair clip"}  # fmt: skip
COLOURS = ("red", "blue", "green")
QUICK = TrainConfig(
    rank=4, alpha=8, learning_rate=5e-3, batch=16, steps=6, validations=2, validation_rows=16,
    layers=("query", "key", "value", "dense"),
)  # fmt: skip


def shop() -> list[dict[str, Any]]:
    """96 items: eight things of four kinds in three colours, the first of each kind the cheapest."""
    items = []
    for theme, things in THEMES.items():
        for n, thing in enumerate(things.split()):
            for colour in COLOURS:
                title = f"{colour} {thing}"
                items.append({
                    "item": f"{theme[0]}{n}{colour[0]}", "title": title, "text": f"A {title} for the {theme}.",
                    "category": theme, "price": 5.0 + 5 * n, "picture": None, "link": None, "available": n != 7,
                })  # fmt: skip
    return items


def customers(people: int = 90, seed: int = 3) -> list[dict[str, Any]]:
    """Baskets of three, mostly of one kind, over some weeks."""
    chance, lines = random.Random(seed), []
    by_kind: dict[str, list[str]] = {}
    for item in shop():
        by_kind.setdefault(item["category"], []).append(item["item"])
    for person in range(people):
        kind = list(THEMES)[person % 4]
        for basket in range(4):
            when = 1.6e9 + (basket * 7 + chance.random() * 6) * 86400
            taken = chance.sample(by_kind[kind], 3)
            if chance.random() < 0.3:
                taken[0] = chance.choice(by_kind[chance.choice(list(THEMES))])
            lines += [
                {"person": f"p{person}", "item": item, "when": when, "weight": 1.0, "basket": f"{person}/{basket}"}
                for item in taken
            ]
    return sorted(lines, key=lambda line: line["when"])


def write(folder: Path, lines: list[dict[str, Any]], items: list[dict[str, Any]] | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("interactions", lines), ("items", items if items is not None else shop())):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def shop_data(place: Path) -> Path:
    return write(place / "shop", customers())


@pytest.fixture(scope="session")
def shop_run(place: Path, encoder: Path, shop_data: Path):
    """The result of a finished run."""
    from training.ml import recommend

    return recommend.fit(shop_data, encoder, encoder, place / "shop_run", QUICK)


@pytest.fixture(scope="session")
def loaded(shop_run, encoder: Path):
    from training.ml import recommend

    return recommend.load(shop_run.model, encoder)


@pytest.fixture(scope="session")
def report(shop_run, shop_data: Path, encoder: Path) -> dict[str, Any]:
    from training.ml import recommend

    return json.loads(json.dumps(recommend.evaluate(shop_run.model, shop_data, encoder, encoder).to_json()))
