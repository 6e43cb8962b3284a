"""The blend against each single method on histories alone, without training: what a busy machine can measure in minutes.

python tests/benchmarks/recommend_histories.py [online_retail] [movielens_latest_small] [--ask end last_item] [--part development]

The same code that trains a recommender chooses half-lives, strengths and weights on the validation part; only the adapter
is left out, so that the text members see the untouched encoder. Two columns say what every single method reaches: with its
half-life as chosen on validation, and, which no shop can know, the best of all half-lives on the tested part itself. With
--part development the test part is never opened: it is taken away first, and the validation part takes its place. What was chosen is kept in --out, so that a run
that was stopped goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from training.ml.stored import read

os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

import numpy as np  # noqa: E402

from tests.benchmarks.recommend_data import SETS, last_item_apart  # noqa: E402
from training.ml.__main__ import MODELS  # noqa: E402
from training.ml.recommend import store  # noqa: E402
from training.ml.recommend.blend import Blend, learn_blend  # noqa: E402
from training.ml.recommend.building import Choices, Described, build, project  # noqa: E402
from training.ml.recommend.choosing import Chooser, members_of, quality, task  # noqa: E402
from training.ml.recommend.log import Data, read_data  # noqa: E402
from training.ml.recommend.metrics import ratio  # noqa: E402
from training.ml.recommend.scoring import WEEKS, Batch, Member  # noqa: E402
from training.ml.recommend.splitting import Split, split  # noqa: E402
from training.ml.terms import Terms  # noqa: E402

ASKED = ("end", "last_item")
HALF_LIVES = (None, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0)


def described(data: Data, folder: Path) -> Described:
    """What the untouched encoder makes of the catalogue; read once for a set."""
    texts, file = [item.words for item in data.items], folder / "texts.npy"
    if not file.exists():
        from training.ml.recommend.encoder import Encoder

        np.save(file, store.short(Encoder(MODELS / "all-minilm-l6-v2").encode(texts, "passage")))
    vectors = np.load(file, allow_pickle=False)
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    words, width = Terms.of(texts, "words").rows(texts), vectors.shape[1]
    heads = {}
    for name in ("history", "item"):  # heads that change nothing
        heads |= {f"{name}.0.weight": np.zeros((1, width), np.float32), f"{name}.0.bias": np.zeros(1, np.float32)}
        heads |= {f"{name}.2.weight": np.zeros((width, 1), np.float32), f"{name}.2.bias": np.zeros(width, np.float32)}
    return Described(words, vectors, unit, unit, heads, project(words))


def run(name: str, ask: str, asked: argparse.Namespace) -> None:
    folder = asked.out / name
    data = SETS[name](folder / ask)
    if ask == "last_item":
        last_item_apart(data)
    found, began = read_data(data), time.process_time()
    if asked.part == "development":
        parts = split(found)
        apart = parts.validation if ask == "last_item" else None
        found = Data(found.people, found.items, parts.train if ask == "last_item" else parts.learned, apart)
    parts, texts = split(found), described(found, folder)
    people, items = len(found.people), len(found.items)
    kept = Kept(folder / f"{ask}.{asked.part}.json")
    chooser = Chooser(parts.train, parts.validation, found, texts.words, texts.text)
    single = kept("choices", lambda: chosen(chooser))
    choices, chooser.tried = Choices(**single["choices"]), single["tried"]
    stored = kept("blend", lambda: blended(parts, found, texts, chooser, choices))
    blend = read(Blend, stored["blend"])
    print(
        f"\n### {name}, {ask} ({asked.part}): asks {parts.question}; on validation {stored['reached']}; {choices}",
        flush=True,
    )
    tables, tested = build(parts.learned, people, texts, choices), task(parts.learned, parts.test, items)
    portions = [
        tested.part(rows) for rows in np.array_split(np.arange(len(tested.truth)), len(tested.truth) // 100 + 1)
    ]

    def values(scores: Callable[[Batch], Any]) -> Any:
        return np.concatenate([quality(scores(one.batch), one) for one in portions])

    ours = values(partial(blend.scores, tables))
    print(f"{len(ours)} people; blend ndcg@10 {ours.mean():.4f} of {blend.shares()}\n\n| method | as chosen | blend / it | best half-life, in "
          "hindsight | ndcg@10 | blend / it |\n|---|---|---|---|---|---|")  # fmt: skip
    for kind, (member, others) in rivals(choices, chooser.at_once).items():
        usual = values(partial(tables.scores, member))
        tried = [(one, values(partial(tables.scores, one))) for one in others]
        best, most = max(tried, key=lambda pair: float(pair[1].mean()))
        life = f"{best.half_life}{' one by one' * best.apart}"
        print(f"| {kind} | {usual.mean():.4f} | {shown(ours, usual, asked.seed)} | {life} | {most.mean():.4f} | "
              f"{shown(ours, most, asked.seed)} |", flush=True)  # fmt: skip
    print(f"\n{time.process_time() - began:.0f} s of one core")


class Kept:
    """What was worked out before, in a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __call__(self, name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        known = json.loads(self.file.read_text(encoding="utf-8")) if self.file.exists() else {}
        if name not in known:
            known[name] = work()
            self.file.write_text(json.dumps(known), encoding="utf-8")
        found: dict[str, Any] = known[name]
        return found


def chosen(chooser: Chooser) -> dict[str, Any]:
    """Half-lives and strengths, and what every single method reached on validation."""
    return {"choices": asdict(chooser.choose()), "tried": chooser.tried}


def blended(parts: Split, data: Data, texts: Described, chooser: Chooser, choices: Choices) -> dict[str, Any]:
    """The blend as training would publish it, and what it and its members reach on validation."""
    members, tables = members_of(choices, len(data.items)), build(parts.train, len(data.people), texts, choices)
    learned = learn_blend(tables, members, chooser.task)
    blend = learned.better if round(learned.reached, 4) >= chooser.best else Blend.of(chooser.winner(choices))
    reached = {"blend": float(learned.values.mean()), "member": max(learned.alone), "single": chooser.best}
    return {"blend": asdict(blend), "reached": {name: round(value, 4) for name, value in reached.items()}}


def rivals(choices: Any, at_once: bool) -> dict[str, tuple[Member, list[Member]]]:
    """Each single method as chosen, and in all its half-lives."""
    apart = (False, True) if at_once else (False,)
    found = {}
    for kind, life, one_by_one in (
        ("ease", choices.ease_half_life, choices.ease_apart),
        ("itemknn", choices.itemknn_half_life, False),
        ("words", choices.content_half_life, False),
    ):
        others = [Member(kind, kind, one, each) for one in HALF_LIVES for each in apart]
        found[kind] = (Member(kind, kind, life, one_by_one), others)
    return found | {
        "recent": (Member("recent", "recent", choices.weeks), [Member("recent", "recent", w) for w in WEEKS])
    }


def shown(ours: Any, theirs: Any, seed: int) -> str:
    found = ratio(ours, theirs, seed)
    return f"{found.mean:.2f} [{found.low:.2f}, {found.high:.2f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=list(SETS))
    parser.add_argument("--ask", nargs="+", choices=ASKED, default=ASKED)
    parser.add_argument("--part", choices=("test", "development"), default="test")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "recommend_histories")
    asked = parser.parse_args()
    for name in asked.sets:
        for ask in asked.ask:
            run(name, ask, asked)


if __name__ == "__main__":
    main()
