"""Learning from a terminal: `python -m training.ml FAMILY fit|evaluate|answer ...`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from training.ml import families
from training.ml.config import PRESETS, TrainConfig
from training.ml.errors import LearningError
from training.ml.measure import machine_facts
from training.ml.watching import StepRecord

MODELS = Path("var/models")


class Terminal:
    """A watcher that writes lines on standard error."""

    def phase(self, name: str, total: int | None = None) -> None:
        print(f"{name} {total or ''}".strip(), file=sys.stderr, flush=True)

    def advance(self, done: int) -> None:
        print(f"\r{done}", end="\r", file=sys.stderr, flush=True)

    def step(self, record: StepRecord) -> None:
        checked = f"  validation {record.validation_loss:.4f}" if record.validation_loss is not None else ""
        speed = f"{record.tokens_per_second:.0f} tokens/s"
        print(f"{record.step}/{record.total}  loss {record.loss:.4f}{checked}  {speed}", file=sys.stderr, flush=True)

    def note(self, code: str, **facts: object) -> None:
        print(f"{code} {facts}", file=sys.stderr, flush=True)

    def stopping(self) -> bool:
        return False


def _fit(asked: argparse.Namespace) -> None:
    verbs = families.verbs(asked.family)
    config, reasons = families.of(asked.family).presets.preset(asked.preset, verbs.measure(asked.data), machine_facts())
    for reason in reasons:
        print(reason.code, reason.facts, file=sys.stderr)
    config = _own(config, asked)
    result = verbs.fit(asked.data, asked.base, asked.embedder, asked.out, config, Terminal())
    print(json.dumps(asdict(result), default=str, indent=1))


def _own(config: TrainConfig, asked: argparse.Namespace) -> TrainConfig:
    config = replace(config, **(json.loads(asked.set) if asked.set else {}))
    return replace(config, system_prompt=asked.system) if asked.system else config


def _evaluate(asked: argparse.Namespace) -> None:
    """Prints the scores and the verdict; the whole report lies in the model folder."""
    verbs = families.verbs(asked.family)
    report = verbs.evaluate(asked.model, asked.data, asked.base, asked.embedder, Terminal(), asked.limit)
    found = report.to_json()
    short = {name: found[name] for name in ("scores", "verdict", "seconds") if name in found}
    print(json.dumps(short, indent=1))


def _answer(asked: argparse.Namespace) -> None:
    for piece in families.verbs(asked.family).say(asked.model, asked.base, asked.embedder, asked.text):
        print(piece, end="", flush=True)
    print()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.ml", description=__doc__)
    names = parser.add_subparsers(required=True, dest="family", metavar="FAMILY")
    for name, family in families.every().items():
        verbs = names.add_parser(name).add_subparsers(required=True)
        base = MODELS / family.base
        fit = _verb(verbs.add_parser("fit"), _fit, base)
        fit.add_argument("data", type=Path)
        fit.add_argument("out", type=Path)
        fit.add_argument("--preset", choices=PRESETS, default="balanced")
        fit.add_argument("--system", help="the system prompt")
        fit.add_argument("--set", help='other choices as JSON, such as {"rank": 16}')
        evaluate = _verb(verbs.add_parser("evaluate"), _evaluate, base)
        evaluate.add_argument("model", type=Path)
        evaluate.add_argument("data", type=Path)
        evaluate.add_argument("--limit", type=int)
        answer = _verb(verbs.add_parser("answer"), _answer, base)
        answer.add_argument("model", type=Path)
        answer.add_argument("text")
    return parser


def _verb(
    parser: argparse.ArgumentParser, run: Callable[[argparse.Namespace], None], base: Path
) -> argparse.ArgumentParser:
    parser.add_argument("--base", type=Path, default=base)
    parser.add_argument("--embedder", type=Path, default=MODELS / "all-minilm-l6-v2")
    parser.set_defaults(run=run)
    return parser


def main() -> int:
    asked = _parser().parse_args()
    try:
        asked.run(asked)
    except LearningError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
