"""How good the published support bot is beside the untouched base and retrieval alone, as rows of a table.

python tests/benchmarks/chat_quality.py --preset balanced bitext_long amazon faq
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

from tests.benchmarks.chat_data import SETS, dataset  # noqa: E402
from training.ml import chat  # noqa: E402
from training.ml.__main__ import MODELS, Terminal  # noqa: E402
from training.ml.chat.presets import preset  # noqa: E402
from training.ml.chat.report import Report  # noqa: E402
from training.ml.chat.terminal import measure  # noqa: E402
from training.ml.config import PRESETS  # noqa: E402
from training.ml.measure import machine_facts  # noqa: E402
from training.ml.scores import Interval  # noqa: E402

PROMPT = "You are the support assistant of our company. Answer the customer's question kindly and to the point."
METRICS = ("token_f1", "similarity", "foreign", "invented")


def run(name: str, asked: argparse.Namespace) -> None:
    folder = asked.out / name
    data = dataset(name, folder / "data", asked.rows)
    config, reasons = preset(asked.preset, measure(data), machine_facts())
    config = replace(config, system_prompt=PROMPT, **json.loads(asked.set))
    began = time.monotonic()
    result = chat.fit(data, asked.base, asked.embedder, folder / "run", config, Terminal())
    assert result.model is not None
    report = chat.evaluate(result.model, data, asked.base, asked.embedder, Terminal(), limit=asked.limit)
    print(f"\n{name}: {result.examples} rows, {result.steps} steps, {result.tokens} tokens learned from, "
          f"{time.monotonic() - began:.0f} s in all; reasons {[reason.code for reason in reasons]}")  # fmt: skip
    print(table(name, report), flush=True)


def table(name: str, report: Report) -> str:
    """One line per system, then the paired differences."""
    lines = [f"| {name} | {' | '.join(METRICS)} | perplexity |"]
    for system, found in report.scores.items():
        surprise = f"{found['perplexity'].mean:.2f}" if "perplexity" in found else ""
        lines.append(f"| {system} | {' | '.join(_shown(found[metric]) for metric in METRICS)} | {surprise} |")
    for other, found in report.differences.items():
        lines.append(f"| {other} | {' | '.join(_shown(found[metric]) for metric in METRICS)} | |")
    lines.append(f"{report.verdict}, handed over {report.handed_over:.0%}, {len(report.rows)} questions")
    return "\n".join(lines)


def _shown(found: Interval) -> str:
    return f"{found.mean:.3f} [{found.low:.3f}, {found.high:.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=list(SETS))
    parser.add_argument("--preset", choices=PRESETS, default="balanced")
    parser.add_argument("--rows", type=int)
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--set", default="{}", help="other choices as JSON")
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "chat_quality")
    parser.add_argument("--base", type=Path, default=MODELS / "smollm2-135m-instruct")
    parser.add_argument("--embedder", type=Path, default=MODELS / "all-minilm-l6-v2")
    asked = parser.parse_args()
    for name in asked.sets:
        run(name, asked)


if __name__ == "__main__":
    main()
