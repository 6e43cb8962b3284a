"""Makes a rows.sqlite3 from rows, for tests."""

from __future__ import annotations

import csv

from projects import quality, reading
from projects.choosing import Sought

ROLES = (Sought("question"), Sought("answer"))
MAPPING = {"question": "question", "answer": "answer"}


def make(folder, pairs, name="rows"):
    """Reads these questions and answers as a CSV file and examines them; (rows file, report)."""
    path = folder / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("question", "answer"), *pairs])
    out = folder / f"{name}.sqlite3"
    reading.load_rows(path, path.name, reading.detect(path, path.name), out, lambda share, count: None)
    return out, quality.examine(out, MAPPING, ROLES, {}, lambda share, count: None)


def many(count, start=0):
    return [(f"How do I reset gadget {n}?", f"Hold its button for {n} seconds.") for n in range(start, start + count)]
