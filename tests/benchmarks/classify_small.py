"""The classify family on few rows: what it learns from 300 to 600, rare labels, and texts that belong nowhere.

python tests/benchmarks/classify_small.py [--preset balanced] [--part test] [--untrained] [banking clinc insurance waimai airline]
python tests/benchmarks/classify_small.py --untrained clinc_tiny banking_tiny insurance_mixed   (96 rows and fewer)
python tests/benchmarks/classify_small.py airline_2000 waimai_2000                              (how long it takes)

Every set is a sample of a public one, drawn with seed 42. Of banking, clinc and insurance some intents are kept and others
left out: rows of the left-out ones (of clinc its own out-of-scope texts), and questions about insurance asked of the
food-review bot, belong nowhere. Limits are told by training rows alone. MCC is Matthews' correlation between "belongs
nowhere" and "called out of scope" over the test rows and as many foreign ones. Choices are made with --part development:
the same rows to learn from, tested on others of the source's training part, never on those of the test.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from sklearn.metrics import f1_score, matthews_corrcoef

from tests.benchmarks import classify_data
from tests.benchmarks.classify_data import Pair, write_parts
from tests.benchmarks.classify_quality import facts
from tests.data import shared_data
from training.ml import classify
from training.ml.__main__ import MODELS
from training.ml.classify import blending, linear, simple, words
from training.ml.classify.encoder import Texts, load_encoder, vectors
from training.ml.classify.methods import EMBEDDING, SECOND, SYSTEMS, TFIDF, Seen
from training.ml.classify.presets import preset
from training.ml.classify.rows import parts
from training.ml.config import PRESETS, HardwareFacts
from training.ml.hardware import hardware
from training.ml.watching import Silent

CHINESE = ("insurance", "waimai", "insurance_mixed", "waimai_2000")
MOST_TESTED, TESTED = 600, 200


@dataclass(frozen=True)
class Small:
    """Rows to learn from, rows to be tested on, and texts that belong nowhere."""

    train: list[Pair]
    test: list[Pair]
    foreign: list[str]
    spare: list[Pair]
    """Further rows of the source's training part, with the same labels: what choices are made on."""
    spare_foreign: list[str]


def few(rows: list[Pair], each: int, labels: list[str]) -> list[Pair]:
    """So many rows of each of these labels."""
    seen: Counter[str] = Counter()
    return [
        pair for pair in rows if pair[1] in labels and (seen.update([pair[1]]) or seen[pair[1]] <= each)
    ]  # fmt: skip


def of_intents(train: list[Pair], test: list[Pair], intents: int, each: int) -> Small:
    """Some intents to learn; rows of the others are foreign."""
    chance = random.Random(42)
    train, test = train[:], test[:]
    chance.shuffle(train)
    chance.shuffle(test)
    names = sorted({label for _, label in train if label != "oos"})
    kept = chance.sample(names, intents)
    learned = few(train, each, kept)
    apart: list[list[Pair]] = []
    strange: list[list[str]] = []
    for part in ([pair for pair in train if pair not in set(learned)], test):
        apart.append([pair for pair in part if pair[1] in kept][:MOST_TESTED])
        oos = [text for text, label in part if label == "oos"]
        strange.append((oos or [text for text, label in part if label not in kept])[: len(apart[-1])])
    return Small(learned, apart[1], strange[1], apart[0], strange[0])


def banking() -> Small:
    return of_intents(*classify_data.banking77(), intents=20, each=20)


def clinc() -> Small:
    return of_intents(*classify_data.clinc150(), intents=40, each=10)


def insurance_rows(language: str = "zh") -> tuple[list[Pair], list[Pair]]:
    folder, question = shared_data("intent_insurance_zh"), f"question_{language}"
    train, test = (
        [(row[question], row["domain"]) for row in classify_data._csv(folder / f"{name}.csv") if row[question]]
        for name in ("train", "valid")
    )
    return train, test


def insurance() -> Small:
    return of_intents(*insurance_rows(), intents=8, each=40)


def skewed(pair: tuple[list[Pair], list[Pair]], shares: dict[str, float], rows: int) -> Small:
    """A sample of few rows in which labels are as rare as given; the test part in the same shares."""
    chance = random.Random(42)
    train, test = pair[0][:], pair[1][:]
    chance.shuffle(train)
    chance.shuffle(test)

    def sample(part: list[Pair], size: int) -> list[Pair]:
        return [one for label, share in shares.items() for one in few(part, round(size * share), [label])]

    learned = sample(train, rows)
    known = set(learned)
    return Small(
        learned, sample(test, MOST_TESTED), [], sample([one for one in train if one not in known], MOST_TESTED), []
    )


def airline() -> Small:
    return skewed(classify_data.airline_tweets(), {"negative": 0.82, "neutral": 0.12, "positive": 0.06}, 600)


def waimai() -> Small:
    found = skewed(classify_data.waimai_10k(), {"好评": 0.7, "差评": 0.3}, 300)
    strange = []
    for questions in insurance_rows():
        random.Random(42).shuffle(questions)
        strange.append([text for text, _ in questions][:MOST_TESTED])
    return replace(found, foreign=strange[1], spare_foreign=strange[0])


def clinc_tiny() -> Small:
    return of_intents(*classify_data.clinc150(), intents=8, each=11)


def banking_tiny() -> Small:
    return of_intents(*classify_data.banking77(), intents=6, each=14)


def insurance_mixed() -> Small:
    """Every label in both languages, in few rows."""
    both = zip(insurance_rows("zh"), insurance_rows("en"), strict=True)
    train, test = (chinese + english for chinese, english in both)
    return of_intents(train, test, intents=8, each=12)


def airline_2000() -> Small:
    return skewed(classify_data.airline_tweets(), {"negative": 0.63, "neutral": 0.21, "positive": 0.16}, 2_000)


def waimai_2000() -> Small:
    return skewed(classify_data.waimai_10k(), {"好评": 0.33, "差评": 0.67}, 2_000)


FEW = (banking, clinc, insurance, waimai, airline)
TINY = (clinc_tiny, banking_tiny, insurance_mixed)
MANY = (airline_2000, waimai_2000)
SETS: dict[str, Callable[[], Small]] = {one.__name__: one for one in (*FEW, *TINY, *MANY)}


def parts_of(small: Small, part: str, folder: Path) -> tuple[Path, list[str]]:
    """As a dataset folder, with what is foreign. For development the test texts are never opened."""
    apart, foreign = (small.spare, small.spare_foreign) if part == "development" else (small.test, small.foreign)
    return write_parts(small.train, apart, folder), foreign


def run(name: str, asked: argparse.Namespace) -> None:
    data, foreign = parts_of(SETS[name](), asked.part, asked.out / name / "data")
    here, known = hardware(), facts(data)
    config, _why = preset(asked.preset, known, HardwareFacts(here.device, here.reason != "cpu_fp32", here.cores))
    base = MODELS / ("multilingual-e5-small" if name in CHINESE else "all-minilm-l6-v2")
    began = time.monotonic(), time.process_time()
    result = classify.fit(data, base, base, asked.out / name / "run", config, Silent())
    spent = time.monotonic() - began[0], time.process_time() - began[1]
    assert result.model is not None
    report = classify.evaluate(result.model, data, base, base, Silent()).to_json()
    print(f"\n### {name}: {known.rows} rows to learn, {known.labels} labels, {report['held_out']} tested; {spent[0]:.0f} s, "
          f"{spent[1]:.0f} s of processor\n\n| | accuracy | macro-F1 |\n|---|---|---|")  # fmt: skip
    for system in SYSTEMS:
        if found := report["scores"].get(system):
            print(f"| {system} | {_shown(found['accuracy'])} | {_shown(found['macro_f1'])} |")
    loaded = classify.load(result.model, base)
    print(mean(loaded, data))
    gap = report["differences"]["tuned_minus_best"]
    print(f"| tuned − {report['verdict']['best_simple']} | {_shown(gap['accuracy'])} | {_shown(gap['macro_f1'])} |")
    print(
        f"\nblend {report['blend']}, calibration error {report['ece']['mean']:.3f}, publish {report['verdict']['recommend']}"
    )
    if foreign:
        print(scope(loaded, data, foreign), flush=True)


def scope(loaded: Any, data: Path, foreign: list[str]) -> str:
    """How well texts that belong nowhere are told from the others; and by the trained encoder's middles alone, as until 0.1."""
    known = [row.text for row in classify_data.read(data / "test.jsonl")]
    truth = [False] * len(known) + [True] * len(foreign)
    lines = []
    for name, one in (("now", loaded), ("as before", replace(loaded, methods=replace(loaded.methods, beyond=None)))):
        said = [answer.out_of_scope for answer in classify.answer(one, [*known, *foreign])]
        caught, wrongly = sum(said[len(known) :]) / len(foreign), sum(said[: len(known)]) / len(known)
        lines.append(
            f"out of scope, {name}: MCC {matthews_corrcoef(truth, said):.3f}, {caught:.0%} of {len(foreign)} found, "
            f"{wrongly:.0%} of {len(known)} wrongly"
        )
    return "\n".join(lines)


def mean(loaded: Any, data: Path) -> str:
    """The plain mean of all untrained ways, which the pool must not fall behind."""
    methods, rows = loaded.methods, classify_data.read(data / "test.jsonl")
    seen = Seen(methods, [row.text for row in rows])
    ways = [way for way in (TFIDF, EMBEDDING, SECOND) if way in methods.systems]
    given = blending.average([seen.said(way) for way in ways]).argmax(axis=1)
    truth = methods.labels.targets(rows).argmax(axis=1)
    return (
        f"| mean of {', '.join(ways)} | {(given == truth).mean():.3f} | {f1_score(truth, given, average='macro'):.3f} |"
    )


def thinned(small: Small) -> Small:
    """Some of the rows to be tested on, of all labels."""
    chance, found = random.Random(42), {}
    for name in ("test", "foreign", "spare", "spare_foreign"):
        rows = getattr(small, name)
        found[name] = chance.sample(rows, min(TESTED, len(rows)))
    return replace(small, **found)


def untrained(name: str, asked: argparse.Namespace) -> None:
    """What the simple ways and their pool make of a set, and what they send away: all but the training, in a minute."""
    small = SETS[name]()
    data, foreign = parts_of(thinned(small), asked.part, asked.out / name / "data")
    found, tested = parts(data), classify_data.read(data / "test.jsonl")
    base = MODELS / ("multilingual-e5-small" if name in CHINESE else "all-minilm-l6-v2")
    bases = {EMBEDDING: base} | ({SECOND: other} if (other := simple.companion(base, found, 128)) else {})
    encoders = {way: (Texts(folder, 128), load_encoder(folder)) for way, folder in bases.items()}
    readings = {way: simple.read(bases[way], model, texts, found) for way, (texts, model) in encoders.items()}
    targets = found.labels.targets(found.train)
    known = simple.Simple(readings, words.fit([row.text for row in found.train], targets, False))
    every = np.vstack([targets, found.labels.targets(found.validation)])
    pool = known.pool(found, every, 0)
    assert pool is not None
    nowhere = known.beyond(found, every, pool, 0)
    counted = words.fit([row.text for row in (*found.train, *found.validation)], every, False)
    models = {way: linear.fit(one.every, every, False, one.strength) for way, one in readings.items()}

    def said(texts: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
        read = {way: vectors(model, tokens.ids(texts)) for way, (tokens, model) in encoders.items()}
        ways = {way: models[way].probabilities(readings[way].scale(read[way])) for way in read}
        return read, {TFIDF: counted.probabilities(texts), **ways}

    here, ways = said([row.text for row in tested])
    truth = found.labels.targets(tested).argmax(axis=1)
    print(f"\n### {name}, without training: {len(every)} rows, {found.labels.count} labels, {len(tested)} tested")
    for way, one in {**ways, "mean": sum(ways.values()), "pool": pool[0](ways)}.items():
        given = one.argmax(axis=1)
        print(f"| {way} | {(given == truth).mean():.3f} | {f1_score(truth, given, average='macro'):.3f} |")
    if foreign and nowhere:
        there, strange = said(foreign)
        nowhere_at_all = [False] * len(tested) + [True] * len(foreign)
        rightly = pool[0](ways).argmax(axis=1) == truth
        for kind, one in (("far and doubtful", nowhere), ("far alone", replace(nowhere, certain=1.0))):
            sent = [one.far(read, pool[0](some).max(axis=1)) for read, some in ((here, ways), (there, strange))]
            print(
                f"out of scope, {kind}: MCC {matthews_corrcoef(nowhere_at_all, np.concatenate(sent)):.3f}, {sent[1].mean():.0%} "
                f"found, {sent[0].mean():.0%} wrongly, {sent[0][rightly].mean():.1%} of what it labels rightly",
                flush=True,
            )


def _shown(found: dict[str, float]) -> str:
    return f"{found['mean']:.3f} [{found['low']:.3f}, {found['high']:.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=[one.__name__ for one in FEW])
    parser.add_argument("--preset", choices=PRESETS, default="balanced")
    parser.add_argument("--part", choices=("test", "development"), default="test")
    parser.add_argument("--untrained", action="store_true", help="leave the training out")
    parser.add_argument("--out", type=Path, default=Path(tempfile.mkdtemp(prefix="classify-small-")))
    asked = parser.parse_args()
    for name in asked.sets:
        (untrained if asked.untrained else run)(name, asked)


if __name__ == "__main__":
    main()
