"""The three support sets as dataset folders: 200 held-out questions each, none of which is learned from."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

DATA = Path(os.environ.get("ATELIER_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
HELD_OUT = 200
VALIDATION = 100
Pair = tuple[str, str]


def bitext_fixed() -> Iterator[Pair]:
    yield from _bitext("support_fixed_replies.csv")


def bitext_long() -> Iterator[Pair]:
    yield from _bitext("support_long_replies.csv")


def amazon() -> Iterator[Pair]:
    with (DATA / "support_amazon_appliances" / "amazon_appliances_qa.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["question"], row["answer"]


def faq() -> Iterator[Pair]:
    documents = json.loads((DATA / "faq_datatalks" / "documents-with-ids.json").read_text(encoding="utf-8"))
    for row in documents:
        yield row["question"], row["text"]


SETS = {"bitext_fixed": bitext_fixed, "bitext_long": bitext_long, "amazon": amazon, "faq": faq}


def dataset(name: str, folder: Path, rows: int | None = None) -> Path:
    """Write a set's folder; rows keeps only so many. The same question never stands in two parts."""
    by_question: dict[str, list[Pair]] = {}
    for question, answer in SETS[name]():
        if question.strip() and answer.strip():
            by_question.setdefault(question.strip().lower(), []).append((question.strip(), answer.strip()))
    questions = sorted(by_question)
    random.Random(42).shuffle(questions)
    questions = questions[:rows]
    held, checked = min(HELD_OUT, len(questions) // 4), min(VALIDATION, len(questions) // 8)
    folder.mkdir(parents=True, exist_ok=True)
    parts = {
        "test": questions[:held],
        "validation": questions[held : held + checked],
        "train": questions[held + checked :],
    }
    for part, chosen in parts.items():
        _write(folder / f"{part}.jsonl", [pair for question in chosen for pair in by_question[question]])
    return folder


def _write(file: Path, pairs: list[Pair]) -> None:
    with file.open("w", encoding="utf-8") as lines:
        for row, (question, answer) in enumerate(dict.fromkeys(pairs)):
            key = hashlib.sha256(f"{question}\0{answer}".encode()).hexdigest()[:16]
            messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
            lines.write(json.dumps({"id": key, "row": row, "messages": messages}, ensure_ascii=False) + "\n")


def _bitext(name: str) -> Iterator[Pair]:
    with (DATA / "support_bitext" / name).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["instruction"], row["response"]
