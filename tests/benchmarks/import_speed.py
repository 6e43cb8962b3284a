"""How quickly a CSV file becomes data to train on, step by step, beside Arrow's bare parsing of the same file.

python tests/benchmarks/import_speed.py pairs --megabytes 30 [--ours]
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")

import django

django.setup()

import pyarrow.csv  # noqa: E402

from projects import families, reading  # noqa: E402
from projects.models import Dataset, Project  # noqa: E402
from tests import bigdata  # noqa: E402

PAIRS, TEXTS = {"question": "question", "answer": "answer"}, {"text": "text", "label": "label"}
CASES = {
    "pairs": "support_bot", "chinese_pairs": "support_bot", "accented_pairs": "support_bot",
    "texts": "sentiment", "chinese_texts": "sentiment", "orders": "recommendation",
}  # fmt: skip
COLUMNS = {
    "pairs": PAIRS,
    "chinese_pairs": PAIRS,
    "accented_pairs": PAIRS,
    "texts": TEXTS,
    "chinese_texts": TEXTS,
    "orders": {"person": "customer", "item": "product", "when": "time", "basket": "order_id", "title": "title"},
}


def timed(name: str, size: float, step: Callable[[], Any]) -> Any:
    """What the step gives back; prints its seconds on the clock and of this process."""
    clock, used = time.perf_counter(), time.process_time()
    found = step()
    clock, used = time.perf_counter() - clock, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"| {name} | {clock:.2f} | {used:.2f} | {size / clock:.1f} | {peak} |", flush=True)
    return found


def run(kind: str, megabytes: float, folder: Path, arrow: bool = True) -> None:
    path = folder / f"{kind}.csv"
    count = bigdata.write(path, megabytes, getattr(bigdata, kind))
    size = path.stat().st_size / 1e6
    print(f"{kind}: {count} rows, {size:.0f} MB")
    print("| step | seconds | of processor | MB a second | most memory, MB |\n|---|---|---|---|---|")
    if arrow:
        timed("Arrow, the bare cells", size, lambda: pyarrow.csv.read_csv(path, parse_options=_quoted()))
    dataset = Dataset(project=Project(use_case=CASES[kind]), mapping=COLUMNS[kind])
    dataset.folder = folder
    family = families.of(dataset.project.case.family)

    def whole() -> None:
        found = timed("recognise", size, lambda: reading.detect(path, path.name, {}))
        loaded = timed(
            "read into rows", size, lambda: reading.load_rows(path, path.name, found, dataset.rows_file, _hush)
        )
        dataset.reading = loaded.reading.to_json()
        dataset.report = timed("look at every row", size, lambda: family.examine(dataset, _hush))
        timed("write the examples", size, lambda: family.write(dataset, folder / "out", _hush))

    timed("all", size, whole)


def _quoted() -> pyarrow.csv.ParseOptions:
    return pyarrow.csv.ParseOptions(newlines_in_values=True)


def _hush(*_facts: Any) -> None:
    """Nobody looks at the progress."""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", default=["pairs"], choices=CASES)
    parser.add_argument("--megabytes", type=float, default=30)
    parser.add_argument("--ours", action="store_true", help="leave Arrow out, whose memory would count as ours")
    asked = parser.parse_args()
    for name in asked.kinds:
        with tempfile.TemporaryDirectory(prefix="import-speed-") as place:
            run(name, asked.megabytes, Path(place), arrow=not asked.ours)
