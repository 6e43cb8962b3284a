"""How often the search for known answers finds the right one for a question asked in other words.

python tests/benchmarks/search_quality.py

948 entries of a course FAQ, 4,627 questions of which each belongs to one entry. Beside the published search stand the search
by known questions alone, and TF-IDF over question and answer. Nothing here was learned from the data.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

from training.ml.__main__ import MODELS  # noqa: E402
from training.ml.embed import Embedder  # noqa: E402
from training.ml.knowledge import Asked, Hit, Knowledge, Known  # noqa: E402
from training.ml.scores import interval  # noqa: E402

FAQ = ROOT.parent / "shared" / "data" / "faq_datatalks"
SHOWN = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int)
    rows = parser.parse_args().rows
    if not FAQ.exists():
        sys.exit(f"The course FAQ is not there: {FAQ}")
    entries = json.loads((FAQ / "documents-with-ids.json").read_text(encoding="utf-8"))
    with (FAQ / "ground-truth-data.csv").open(encoding="utf-8") as lines:
        questions = list(csv.DictReader(lines))[:rows]
    known = [Known(entry["id"], entry["question"], entry["text"]) for entry in entries]
    wanted = [row["document"] for row in questions]
    texts = [row["question"] for row in questions]
    embedder = Embedder(MODELS / "all-minilm-l6-v2")
    vectors = embedder.encode([view for pair in known for view in pair.views], "passage")
    vectors = vectors.reshape(len(known), -1, embedder.width)
    asked = [Asked(text, vector) for text, vector in zip(texts, embedder.encode(texts), strict=True)]
    print(f"| search of {len(known)} entries, {len(texts)} questions | right one first | among the first {SHOWN} |")
    print("|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        Knowledge.write(Path(folder), known, vectors)
        search = Knowledge.open(Path(folder))
        show("as published, retrieval alone", [search.search(one, SHOWN) for one in asked], wanted)
        show("as published, the bot's choice", [search.best(one, SHOWN) for one in asked], wanted)
    nearest = np.stack([one.vector for one in asked])
    show("meaning of the question alone", ranked(known, nearest @ vectors[:, 0].T), wanted)
    show("meaning of question and answer together", ranked(known, nearest @ vectors[:, -1].T), wanted)
    show("TF-IDF of question and answer", ranked(known, by_words(known, texts)), wanted)


def by_words(known: list[Known], texts: list[str]) -> NDArray[np.float64]:
    """Questions x entries: the cosine of their words and pairs of words."""
    counter = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    rows = counter.fit_transform([pair.views[-1] for pair in known])
    ranks: NDArray[np.float64] = (counter.transform(texts) @ rows.T).toarray()
    return ranks


def ranked(known: list[Known], ranks: NDArray[np.floating]) -> list[list[Hit]]:
    return [[Hit(known[place], 0.0) for place in np.argsort(-row)[:SHOWN]] for row in ranks]


def show(name: str, found: list[list[Hit]], wanted: list[str]) -> None:
    ids = [[hit.known.id for hit in hits] for hits in found]
    first = interval([float(some[:1] == [right]) for some, right in zip(ids, wanted, strict=True)])
    among = interval([float(right in some) for some, right in zip(ids, wanted, strict=True)])
    print(f"| {name} | {first.mean:.3f} [{first.low:.3f}, {first.high:.3f}] | {among.mean:.3f} |", flush=True)


if __name__ == "__main__":
    main()
