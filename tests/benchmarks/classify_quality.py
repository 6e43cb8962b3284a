"""How good the classify family is on real data, beside every cheap method; prints a Markdown table.

python tests/benchmarks/classify_quality.py --preset balanced airline_tweets waimai_10k
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.classify_data import SETS, write
from training.ml import classify
from training.ml.__main__ import MODELS, Terminal
from training.ml.classify.presets import preset
from training.ml.classify.rows import read
from training.ml.config import PRESETS, DataFacts, HardwareFacts
from training.ml.hardware import hardware

SYSTEMS = ("tuned", "tfidf", "embedding", "base", "majority")
CHINESE = ("waimai_10k", "shopping_sentiment", "shopping_topic")
PUBLISHED = {
    "airline_tweets": "BERT .771 (another split)",
    "sst2": "DistilBERT .913, BERT .927 (dev, ten times the data)",
    "financial_phrasebank": "FinBERT .86 (whole set)",
    "banking77": "BERT-large .937, USE+ConveRT .934",
    "banking77_10": "BERT .834, USE+ConveRT .852",
    "clinc150": "in scope / found: BERT .969 / .403, SVM .910 / .145, MLP .935 / .474",
}


def facts(data: Path) -> DataFacts:
    rows = read(data / "train.jsonl")
    letters = "".join(row.text for row in rows[:2000])
    wide = sum("\u2e80" <= letter <= "\ud7b0" for letter in letters) / max(1, len(letters))
    mean = sum(len(row.text) for row in rows) / len(rows)
    held = len(read(data / "test.jsonl"))
    return DataFacts(len(rows), mean, held_out=held, wide_characters=wide, labels=len({r.labels for r in rows}))


def run(name: str, asked: argparse.Namespace) -> None:
    data = write(name, asked.out / name / "data")
    here = hardware()
    config, _why = preset(asked.preset, facts(data), HardwareFacts(here.device, here.reason != "cpu_fp32", here.cores))
    config = replace(config, **json.loads(asked.set))
    base = MODELS / ("multilingual-e5-small" if name in CHINESE else "all-minilm-l6-v2")
    began = time.monotonic()
    result = classify.fit(data, base, base, asked.out / name / "run", config, Terminal())
    assert result.model is not None
    report = classify.evaluate(result.model, data, base, base, Terminal()).to_json()
    print(table(name, report, time.monotonic() - began), flush=True)


def table(name: str, report: dict[str, Any], seconds: float) -> str:
    """Accuracy and macro-F1 of each system with intervals, and what the report says besides."""
    lines = [
        f"\n| {name} ({report['held_out']} texts, {len(report['labels'])} labels) | accuracy | macro-F1 |",
        "|---|---|---|",
    ]
    lines += [f"| {system} | {_shown(found['accuracy'])} | {_shown(found['macro_f1'])} |" for system in SYSTEMS
              if (found := report["scores"][system])]  # fmt: skip
    gap = report["differences"]["tuned_minus_best"]
    lines.append(
        f"| tuned − {report['verdict']['best_simple']} | {_shown(gap['accuracy'])} | {_shown(gap['macro_f1'])} |"
    )
    unsure, words = report["unsure"], report["explanations"]
    lines.append(
        f"\nCalibration error {_shown(report['ece'])}; sure of {unsure['coverage']:.0%}, right on {unsure['accuracy']:.1%} of them; "
        f"deleting the named words changes {words['deleted_top']:.0%}, others {words['deleted_random']:.0%}; "
        f"blend {report['blend']}; {seconds:.0f} s in all."
    )
    if report["out_of_scope"]:
        lines.append(f"Out of scope: {json.dumps(report['out_of_scope']['systems'])}")
    return "\n".join([*lines, f"Published: {PUBLISHED.get(name, 'none found')}."])


def _shown(found: dict[str, float]) -> str:
    return f"{found['mean']:.3f} [{found['low']:.3f}, {found['high']:.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=list(SETS))
    parser.add_argument("--preset", choices=PRESETS, default="balanced")
    parser.add_argument("--set", default="{}", help="other choices as JSON")
    parser.add_argument("--out", type=Path, default=Path(tempfile.mkdtemp(prefix="classify-")))
    asked = parser.parse_args()
    for name in asked.sets:
        run(name, asked)


if __name__ == "__main__":
    main()
