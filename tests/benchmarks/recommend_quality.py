"""How good the recommender is beside popularity, item-kNN, EASE and content alone, as Markdown tables.

python tests/benchmarks/recommend_quality.py [online_retail] [movielens_latest_small] [--preset balanced] [--ask end last_item]

Protocol: training/ml/recommend/splitting.py. Positives: ratings of 4 and more; purchases of customers without returns,
cancellations and postage. An item counts once for a person; people with at least five items. In the shop most last moments
are invoices, so the whole last invoice is held out; of the films the last 20 %. This is "end". Of "last_item" each person's
last line is a test file of the owner's; in the shop that asks for the next line of the same invoice, mostly. Everything is
chosen on the part before that. The last row is the strictest peer: EASE with the half-life, in items or moments, that turned
out best on the test itself, which no shop can know. All items that are not in the history are ranked. Means over people, 95 % bootstrap intervals, paired where two are compared.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

import numpy as np  # noqa: E402

from tests.benchmarks.recommend_data import SETS, last_item_apart  # noqa: E402
from training.ml import recommend  # noqa: E402
from training.ml.__main__ import MODELS, Terminal  # noqa: E402
from training.ml.config import PRESETS, DataFacts, HardwareFacts  # noqa: E402
from training.ml.hardware import hardware  # noqa: E402
from training.ml.recommend.choosing import quality, task  # noqa: E402
from training.ml.recommend.loading import LoadedRecommender  # noqa: E402
from training.ml.recommend.log import read_data  # noqa: E402
from training.ml.recommend.metrics import ratio  # noqa: E402
from training.ml.recommend.presets import estimate, preset  # noqa: E402
from training.ml.recommend.scoring import Batch, Member  # noqa: E402
from training.ml.recommend.splitting import split  # noqa: E402

ASKED = ("end", "last_item")
METRICS = ("ndcg@10", "recall@10", "hit@10", "coverage", "novelty")
NAMES = {
    "popularity": "popularity", "recent": "popularity of recent weeks", "content": "content only (MiniLM + TF-IDF)",
    "itemknn": "item-kNN", "itemknn_recency": "item-kNN, recency", "ease": "EASE", "ease_recency": "EASE, recency",
    "tuned": "**blend**",
}  # fmt: skip


def run(name: str, ask: str, asked: argparse.Namespace) -> None:
    folder = asked.out / name / ask
    data = SETS[name](folder / "data")
    if ask == "last_item":
        last_item_apart(data)
    facts, machine = measured(data)
    config, _ = preset(asked.preset, facts, machine)
    config = replace(config, seed=asked.seed)
    began = time.monotonic(), time.process_time()
    result = recommend.fit(data, asked.base, asked.base, folder / "run", config, Terminal())
    fitted = time.monotonic() - began[0], time.process_time() - began[1]
    assert result.model is not None
    report = recommend.evaluate(
        result.model, data, asked.base, asked.base, Terminal(), config.evaluation_rows
    ).to_json()
    spent = time.monotonic() - began[0], time.process_time() - began[1]
    proven = recommend.check_probes(recommend.load(result.model, asked.base))
    print(
        f"\n### {name}, {ask}\n\n{report['protocol']}, {report['people']} people tested, {report['items']} items, "
        f"{report['interactions']} interactions. Trained in {fitted[0]:.0f} s ({fitted[1]:.0f} s of one core), with the "
        f"report {spent[0]:.0f} s ({spent[1]:.0f} s); estimated {estimate(config, facts, machine):.0f} s. "
        f"Probes {proven:.0%}.\n"
    )
    loaded = recommend.load(result.model, asked.base)
    print(warm(report), hindsight(loaded, data, asked.seed), sep="\n", flush=True)
    for part in (new_items, sentences, like_but):
        print(part(report), flush=True)
    print(f"Conditions held for {report['conditions']['held']} of {report['conditions']['shown']} shown items.")


def measured(data: Path) -> tuple[DataFacts, HardwareFacts]:
    """What the presets want to know."""
    found, machine = read_data(data), hardware()
    length = sum(len(item.words) for item in found.items) / max(len(found.items), 1)
    facts = DataFacts(len(found.log), length, people=len(found.people), items=len(found.items))
    return facts, HardwareFacts(machine.device, machine.reason != "cpu_fp32", 1)


def warm(report: dict[str, Any]) -> str:
    lines = [f"| | {' | '.join(METRICS)} |", "|---" * (len(METRICS) + 1) + "|"]
    for system, label in NAMES.items():
        found = report["scores"][system]
        cells = [shown(found[metric], metric not in ("coverage", "novelty")) for metric in METRICS]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    found = report["differences"]["ratio_to_best"]
    cells = [shown(found[metric]) if metric in found else "" for metric in METRICS]
    lines.append(f"| blend / {NAMES[report['best_simple']]} | {' | '.join(cells)} |")
    verdict = report["verdict"]
    return "\n".join([*lines, "", f"Published: {verdict['recommend']} ({verdict['against_best']} than the best simple "
                      f"method). In {verdict['hits_of_100']} of 100 cases something taken next is among the ten shown; "
                      f"a best-seller list manages {verdict['popularity_hits_of_100']}. Weights: {report['blend']}", ""])  # fmt: skip


def hindsight(loaded: LoadedRecommender, data: Path, seed: int) -> str:
    """The blend against EASE with whatever half-life is best on the test part."""
    found = read_data(data)
    parts = split(found)
    asked = task(parts.learned, parts.test, len(found.items))
    portions = [asked.part(rows) for rows in np.array_split(np.arange(len(asked.truth)), len(asked.truth) // 100 + 1)]

    def values(scores: Callable[[Batch], Any]) -> Any:
        return np.concatenate([quality(scores(one.batch), one) for one in portions])

    ways = [
        Member("ease", "ease", life, apart)
        for life in (None, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0)
        for apart in (False, True)
    ]
    tried = {(one.half_life, one.apart): values(partial(loaded.tables.scores, one)) for one in ways}
    best = max(tried, key=lambda way: float(tried[way].mean()))
    three = tried[3.0, False]
    ours = values(loaded.scores)
    return (
        f"In hindsight: EASE, half-life {best[0]}{' one by one' * best[1]}, ndcg@10 {tried[best].mean():.4f}, blend / it "
        f"{shown(asdict(ratio(ours, tried[best], seed)))}; half-life 3 {three.mean():.4f}, blend / it "
        f"{shown(asdict(ratio(ours, three, seed)))}.\n"
    )


def new_items(report: dict[str, Any]) -> str:
    found = report["new_items"]
    if not found:
        return "New items: too few people took one.\n"
    cells = " | ".join(shown(found["ndcg@10"][name]) for name in found["ndcg@10"])
    return (
        f"New items ({found['items']} never seen in training, {found['people']} people), ndcg@10\n\n"
        f"| {' | '.join(found['ndcg@10'])} | ratio to {found['best_simple']} | times random |\n"
        f"{'|---' * (len(found['ndcg@10']) + 2)}|\n| {cells} | {shown(found['ratio_to_best'])} | {found['times_random']} |\n"
    )


def sentences(report: dict[str, Any]) -> str:
    found = report["sentences"]
    if not found:
        return "Sentences: too few titles.\n"
    systems = list(found["plain"])
    lines = [f"Sentences ({found['queries']} parts of descriptions of unseen items), ndcg@10", "",
             f"| | {' | '.join(systems)} |", "|---" * (len(systems) + 1) + "|"]  # fmt: skip
    for kind in ("plain", "typos"):
        lines.append(f"| {kind} | {' | '.join(shown(found[kind][system]) for system in systems)} |")
    return "\n".join([*lines, ""])


def like_but(report: dict[str, Any]) -> str:
    found = report["like_but"]
    if not found:
        return "Like X but W: too few cases.\n"
    scores = found["ndcg@10"]
    return (
        f'"Like X but W" ({found["queries"]} cases), ndcg@10\n\n| one embedding | parsed | parsed, with history | ratio | '
        f"ratio with history |\n{'|---' * 5}|\n| {shown(scores['one_embedding'])} | {shown(scores['tuned'])} | "
        f"{shown(scores['with_history'])} | {shown(found['ratio_to_one_embedding'])} | {shown(found['ratio_with_history'])} |\n"
    )


def shown(found: dict[str, float], interval: bool = True) -> str:
    return f"{found['mean']:.3f}" + (f" [{found['low']:.3f}, {found['high']:.3f}]" if interval else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=list(SETS))
    parser.add_argument("--preset", choices=PRESETS, default="balanced")
    parser.add_argument("--ask", nargs="+", choices=ASKED, default=ASKED)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "recommend_quality")
    parser.add_argument("--base", type=Path, default=MODELS / "all-minilm-l6-v2")
    asked = parser.parse_args()
    for name in asked.sets:
        for ask in asked.ask:
            run(name, ask, asked)


if __name__ == "__main__":
    main()
