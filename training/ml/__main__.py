"""Learning from a terminal: `python -m training.ml fit|evaluate|answer ...`."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

from training.ml.config import PRESETS, TrainConfig
from training.ml.errors import LearningError
from training.ml.presets.chat import preset
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
    from training.ml import chat
    from training.ml.measure import measure

    config = _config(asked, measure(asked.data))
    result = chat.fit(asked.data, asked.base, asked.embedder, asked.out, config, Terminal())
    print(json.dumps(asdict(result), default=str, indent=1))


def _config(asked: argparse.Namespace, facts: tuple[object, object]) -> TrainConfig:
    config, reasons = preset(asked.preset, *facts)  # type: ignore[arg-type]
    for reason in reasons:
        print(reason.code, reason.facts, file=sys.stderr)
    changes = json.loads(asked.set) if asked.set else {}
    config = replace(config, **changes)
    return replace(config, system_prompt=asked.system) if asked.system else config


def _evaluate(asked: argparse.Namespace) -> None:
    from training.ml import chat

    report = chat.evaluate(asked.model, asked.data, asked.base, asked.embedder, Terminal(), asked.limit, asked.seed)
    short = {"scores": report.plain_scores(), "verdict": asdict(report.verdict), "seconds": report.seconds}
    print(json.dumps(short, indent=1))


def _answer(asked: argparse.Namespace) -> None:
    from training.ml import chat
    from training.ml.embed import Embedder
    from training.ml.knowledge import Asked, Knowledge
    from training.ml.prompts import compose, decide

    loaded = chat.load(asked.model, asked.base)
    manifest = loaded.manifest
    assert manifest is not None
    messages = [{"role": "user", "content": asked.question}]
    vector = Embedder(asked.embedder).encode([asked.question])[0]
    hits = Knowledge.open(asked.model).best(Asked(asked.question, vector), max(1, manifest.policy.retrieved))
    decision = decide(manifest.policy, messages, hits)
    if decision.answer:
        print(decision.answer)
        return
    prompt = compose(manifest.system_prompt, messages, decision.sources)
    for piece in chat.answer(loaded, prompt, chat.AnswerOptions(max_new_tokens=manifest.max_new_tokens)):
        print(piece, end="", flush=True)
    print()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.ml", description=__doc__)
    verbs = parser.add_subparsers(required=True)
    fit = _verb(verbs.add_parser("fit"), _fit)
    fit.add_argument("data", type=Path)
    fit.add_argument("out", type=Path)
    fit.add_argument("--preset", choices=PRESETS, default="balanced")
    fit.add_argument("--system", help="the system prompt")
    fit.add_argument("--set", help='other choices as JSON, such as {"rank": 16}')
    evaluate = _verb(verbs.add_parser("evaluate"), _evaluate)
    evaluate.add_argument("model", type=Path)
    evaluate.add_argument("data", type=Path)
    evaluate.add_argument("--limit", type=int)
    evaluate.add_argument("--seed", type=int, default=0)
    answer = _verb(verbs.add_parser("answer"), _answer)
    answer.add_argument("model", type=Path)
    answer.add_argument("question")
    return parser


def _verb(parser: argparse.ArgumentParser, run: object) -> argparse.ArgumentParser:
    parser.add_argument("--base", type=Path, default=MODELS / "smollm2-135m-instruct")
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
