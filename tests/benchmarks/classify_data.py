"""The labelled sets of the classification benchmark as dataset folders, with their official or given splits."""

from __future__ import annotations

import csv
import hashlib
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.data import shared_data
from training.ml.classify.rows import read

__all__ = ["SETS", "Pair", "Parts", "read", "write", "write_parts"]

Pair = tuple[str, str]
Parts = tuple[list[Pair], list[Pair]]
"""Training and test texts with their labels."""


def airline_tweets() -> Parts:
    folder = shared_data("airline_tweets")
    rows = [(row["text"], row["airline_sentiment"]) for row in _csv(folder / "airline_tweets.csv")]
    return _by_split(rows, folder / "split.csv")


def sst2() -> Parts:
    folder = shared_data("sst2")
    names = {"0": "negative", "1": "positive"}

    def part(name: str) -> list[Pair]:
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        return [(text, names[label.strip()]) for text, label in (line.rsplit("\t", 1) for line in lines if line)]

    return part("train.tsv"), part("test.tsv")


def financial_phrasebank() -> Parts:
    folder = shared_data("financial_phrasebank")
    rows = [(row["content"], row["result"]) for row in _csv(folder / "all-data.csv", "latin-1")]
    return _by_split(rows, folder / "split.csv")


def banking77() -> Parts:
    folder = shared_data("banking77")
    train, test = (
        [(row["text"], row["category"]) for row in _csv(folder / f"{name}.csv")] for name in ("train", "test")
    )
    return train, test


def banking77_10() -> Parts:
    """Ten examples of each intent."""
    train, test = banking77()
    random.Random(42).shuffle(train)
    seen: Counter[str] = Counter()
    few = [pair for pair in train if (seen.update([pair[1]]) or seen[pair[1]] <= 10)]
    return few, test


def clinc150() -> Parts:
    """With its texts that belong to no intent, of which 100 are for learning."""
    folder = shared_data("clinc150")

    def part(*names: str) -> list[Pair]:
        return [(row["text"], row["intent"]) for name in names for row in _csv(folder / f"{name}.csv")]

    return part("train", "oos_train", "val", "oos_val"), part("test", "oos_test")


def waimai_10k() -> Parts:
    folder = shared_data("waimai_10k")
    names = {"0": "差评", "1": "好评"}
    rows = [(row["review"], names[row["label"]]) for row in _csv(folder / "waimai_10k.csv")]
    return _by_split(rows, folder / "split.csv")


def shopping_sentiment() -> Parts:
    names = {"0": "差评", "1": "好评"}
    return _at_random([(row["review"], names[row["label"]]) for row in _shopping()])


def shopping_topic() -> Parts:
    return _at_random([(row["review"], row["cat"]) for row in _shopping()])


SETS: dict[str, Callable[[], Parts]] = {
    one.__name__: one
    for one in (
        airline_tweets, sst2, financial_phrasebank, banking77_10, banking77, clinc150, waimai_10k, shopping_sentiment,
        shopping_topic,
    )
}  # fmt: skip


def write(name: str, folder: Path) -> Path:
    """The set as a dataset folder; a tenth of the training texts, chosen by their hash, is for validation."""
    return write_parts(*SETS[name](), folder)


def write_parts(train: list[Pair], test: list[Pair], folder: Path) -> Path:
    """Pairs as a dataset folder, a tenth of the training texts for validation."""
    folder.mkdir(parents=True, exist_ok=True)
    sides: dict[str, list[Pair]] = defaultdict(list)
    for text, label in train:
        sides["validation" if _hash(text) % 10 == 0 else "train"].append((text, label))
    sides["test"] = test
    for side, pairs in sides.items():
        with (folder / f"{side}.jsonl").open("w", encoding="utf-8") as file:
            for row, (text, label) in enumerate(pairs):
                line = {"id": f"{_hash(text):016x}", "row": row, "text": text, "labels": [label]}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return folder


def _csv(file: Path, encoding: str = "utf-8") -> Iterator[dict[str, str]]:
    with file.open(encoding=encoding, newline="") as lines:
        yield from csv.DictReader(lines)


def _by_split(rows: list[Pair], split: Path) -> Parts:
    sides = {int(row["row"]): row["split"] for row in _csv(split)}
    train = [pair for place, pair in enumerate(rows) if sides.get(place) == "train"]
    return train, [pair for place, pair in enumerate(rows) if sides.get(place) == "test"]


def _shopping() -> Iterator[dict[str, str]]:
    return _csv(shared_data("online_shopping_9_cats") / "online_shopping_9_cats.csv")


def _at_random(rows: list[Pair]) -> Parts:
    rows = [pair for pair in dict.fromkeys(rows) if pair[0].strip()]
    random.Random(42).shuffle(rows)
    return rows[len(rows) // 5 :], rows[: len(rows) // 5]


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
