"""How long a large catalogue takes: made-up people with tastes, trained on, asked; and the memory at its highest.

python tests/benchmarks/recommend_scale.py --items 100000 --interactions 1000000
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

from training.ml import recommend  # noqa: E402
from training.ml.__main__ import MODELS, Terminal  # noqa: E402
from training.ml.config import DataFacts, HardwareFacts  # noqa: E402
from training.ml.hardware import hardware  # noqa: E402
from training.ml.recommend.presets import estimate, preset  # noqa: E402

KINDS = [
    "lamp",
    "chair",
    "mug",
    "kettle",
    "scarf",
    "jacket",
    "puzzle",
    "novel",
    "guitar",
    "tent",
    "knife",
    "plate",
    "rug",
    "clock",
    "vase",
    "bag",
    "boot",
    "hat",
    "ring",
    "drill",
]
LOOKS = [
    "red",
    "blue",
    "green",
    "black",
    "white",
    "wooden",
    "glass",
    "steel",
    "soft",
    "tiny",
    "large",
    "vintage",
    "modern",
    "striped",
    "woollen",
    "folding",
]
USES = [
    "garden",
    "kitchen",
    "office",
    "travel",
    "children",
    "winter",
    "summer",
    "party",
    "camping",
    "bathroom",
    "school",
    "gift",
    "sport",
    "reading",
]


def make(folder: Path, items: int, interactions: int) -> Path:
    """Items of 20 kinds with a Zipf popularity; each person keeps to a few kinds."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(0)
    kinds = np.arange(items) % len(KINDS)
    with (folder / "items.jsonl").open("w", encoding="utf-8") as file:
        for i in range(items):
            look, use = LOOKS[i // 20 % len(LOOKS)], USES[i // 320 % len(USES)]
            title = f"{look} {KINDS[kinds[i]]} for {use} model {i // 4480}"
            line = {"item": f"i{i}", "title": title, "text": "", "category": KINDS[kinds[i]], "price": 1 + i % 97}
            file.write(json.dumps(line) + "\n")
    people = max(50, interactions // 20)
    taste = chance.integers(0, len(KINDS), size=(people, 3))
    person = np.sort(chance.integers(0, people, size=interactions))
    rank = np.minimum((items / len(KINDS)) * chance.random(interactions) ** 2.5, items // len(KINDS) - 1).astype(int)
    item = rank * len(KINDS) + taste[person, chance.integers(0, 3, size=interactions)]
    when = 1.6e9 + chance.random(interactions) * 3e7
    with (folder / "interactions.jsonl").open("w", encoding="utf-8") as file:
        for n in np.argsort(when).tolist():
            line = {"person": f"p{person[n]}", "item": f"i{item[n]}", "when": round(float(when[n])), "basket": None}
            file.write(json.dumps(line) + "\n")
    return folder


def made_up_vectors() -> None:
    """Many texts get sums of their words' random vectors, so that everything but reading them can be measured."""
    from training.ml.recommend.encoder import Encoder

    read = Encoder.encode

    def encode(self, texts, kind="passage", progress=None, keep=None):  # type: ignore[no-untyped-def]
        if len(texts) < 5000:
            return read(self, texts, kind, progress, keep)
        known: dict[str, np.ndarray] = {}
        chance = np.random.default_rng(7)
        rows = np.zeros((len(texts), self.width), dtype=np.float32)
        for i, text in enumerate(texts):
            for word in text.split():
                if word not in known:
                    known[word] = chance.normal(size=self.width)
                rows[i] += known[word]
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    Encoder.encode = encode  # type: ignore[method-assign]


def asked(loaded: recommend.LoadedRecommender, count: int = 40) -> dict[str, float]:
    """Milliseconds of one core that an answer takes, by kind of question; other work on the machine does not count."""
    chance, ids = np.random.default_rng(1), [item.item for item in loaded.items]
    histories = [[ids[i] for i in chance.integers(0, len(ids) // 10, size=10)] for _ in range(count)]
    questions = {
        "history": lambda past: recommend.answer(loaded, past),
        "sentence": lambda past: recommend.answer(loaded, [], "a red kettle for camping under 40"),
        "both": lambda past: recommend.answer(loaded, past, "a red kettle for camping under 40"),
        "similar": lambda past: recommend.similar(loaded, past[0]),
    }
    found = {}
    for name, question in questions.items():
        question(histories[0])
        times = []
        for past in histories:
            began = time.process_time()
            question(past)
            times.append((time.process_time() - began) * 1000)
        found[f"{name} median"] = round(float(np.median(times)), 1)
        found[f"{name} p95"] = round(float(np.percentile(times, 95)), 1)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--interactions", type=int, default=1_000_000)
    parser.add_argument("--preset", default="balanced")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "recommend_scale")
    parser.add_argument("--base", type=Path, default=MODELS / "all-minilm-l6-v2")
    parser.add_argument("--report", action="store_true", help="also evaluate")
    parser.add_argument("--ask-only", action="store_true", help="ask the model of an earlier run")
    parser.add_argument(
        "--made-up-vectors", action="store_true", help="draw the items' vectors instead of reading texts"
    )
    given = parser.parse_args()
    if given.made_up_vectors:
        made_up_vectors()
    if given.ask_only:
        print(asked(recommend.load(given.out / "run" / "model", given.base)))
        return
    data = make(given.out / "data", given.items, given.interactions)
    machine = hardware()
    facts = DataFacts(given.interactions, 40, people=given.interactions // 20, items=given.items)
    hard = HardwareFacts(machine.device, machine.reason != "cpu_fp32", machine.cores)
    config, _ = preset(given.preset, facts, hard)
    config = replace(config, steps=given.steps or config.steps)
    began = time.monotonic(), time.process_time()
    done = recommend.fit(data, given.base, given.base, given.out / "run", config, Terminal())
    assert done.model is not None
    print(f"trained in {time.monotonic() - began[0]:.0f} s, {time.process_time() - began[1]:.0f} s of processor; "
          f"estimated {estimate(config, facts, hard):.0f} s")  # fmt: skip
    size = sum(file.stat().st_size for file in done.model.iterdir()) / 2**20
    began = time.monotonic(), time.process_time()
    loaded = recommend.load(done.model, given.base)
    print(
        f"model {size:.0f} MiB, loaded in {time.monotonic() - began[0]:.1f} s; probes {recommend.check_probes(loaded):.0%}"
    )
    print("milliseconds of one core for an answer:", asked(loaded))
    if given.report:
        report = recommend.evaluate(done.model, data, given.base, given.base, Terminal(), limit=300).to_json()
        print({name: round(found["ndcg@10"]["mean"], 4) for name, found in report["scores"].items()})
    print(f"highest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GiB")


if __name__ == "__main__":
    main()
