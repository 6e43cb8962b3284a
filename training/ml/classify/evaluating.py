"""Measuring a classifier on rows it has never seen, beside every cheap method, into report.json."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from training.ml import artifact
from training.ml.classify import explaining, metrics, thresholds
from training.ml.classify.answering import probability_of
from training.ml.classify.linear import Floats
from training.ml.classify.loading import LoadedClassifier, load
from training.ml.classify.methods import SYSTEMS, TUNED
from training.ml.classify.metrics import Bools
from training.ml.classify.rows import Row, read
from training.ml.classify.verdict import SIMPLE, judge
from training.ml.errors import TooLittleData
from training.ml.sampling import sample
from training.ml.watching import Silent, Watcher

MOST_ROWS = 2000
"""Rows kept in the report; all of them are measured."""
EXPLAINED = 60
DELETED = 3
"""Words deleted to see whether an explanation names what matters."""
RANDOM_TRIES = 3


def evaluate(
    model: Path, data: Path, base: Path, embedder: Path, watcher: Watcher | None = None, limit: int | None = None
) -> dict[str, Any]:  # fmt: skip
    """Writes and returns report.json; LIMIT measures only so many of the held-out rows. EMBEDDER is not used."""
    rows = read(data / "test.jsonl")
    rows = sample(rows, limit, 0) if limit else rows
    if not rows:
        raise TooLittleData(found=0, needed=1)
    began = time.monotonic()
    report = _Evaluation(load(model, base), rows, watcher or Silent()).run()
    report["seconds"] = round(time.monotonic() - began, 1)
    work = model / f"{artifact.REPORT}.tmp"
    work.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.replace(work, model / artifact.REPORT)
    return report


class _Evaluation:
    def __init__(self, loaded: LoadedClassifier, rows: list[Row], watcher: Watcher) -> None:
        self.loaded, self.rows, self.watcher = loaded, rows, watcher
        self.methods = loaded.methods
        self.texts = [row.text for row in rows]
        # A label of the test that was never learned cannot be given; it counts as wrong for every system alike.
        unknown = sorted({label for row in rows for label in row.labels} - set(loaded.labels))
        self.names = (*loaded.labels, *unknown)
        self.truth = self._truth()

    def _truth(self) -> Bools:
        places = {name: place for place, name in enumerate(self.names)}
        found = np.zeros((len(self.rows), len(self.names)), dtype=bool)
        for i, row in enumerate(self.rows):
            for label in row.labels:
                found[i, places[label]] = True
        return found

    def run(self) -> dict[str, Any]:
        self.watcher.phase("evaluating", 2 * len(self.rows))
        found = self._all()
        given = {system: self._given(system, values) for system, values in found.items()}
        measured = {
            system: {
                "accuracy": metrics.accuracy(self.truth, given[system]),
                "macro_f1": metrics.macro_f1(self.truth, given[system]),
            }
            for system in SYSTEMS
        }
        scores = {system: metrics.intervals(measures, len(self.rows)) for system, measures in measured.items()}
        best = max(SIMPLE, key=lambda system: scores[system]["accuracy"].mean + scores[system]["macro_f1"].mean)
        differences = {
            name: metrics.intervals(
                {m: metrics.difference(measured[TUNED][m], measured[other][m]) for m in measured[TUNED]}, len(self.rows)
            )
            for name, other in (("tuned_minus_best", best), ("tuned_minus_base", "base"))
        }
        return {
            "family": "classify",
            "labels": list(self.names),
            "multi": self.methods.labels.multi,
            "scores": _plain(scores),
            "differences": _plain(differences),
            "verdict": judge(scores, differences, best),
            "blend": self.methods.blend.shares(),
            "explanations": self._explanations(),
            **self._certainty(found[TUNED], given[TUNED]),
            **self._tables(given[TUNED]),
            "out_of_scope": self._out_of_scope(given),
            "rows": self._shown(found, given),
            "held_out": len(self.rows),
        }

    def _all(self) -> dict[str, Floats]:
        """Every system's probabilities, float32 [rows, labels]; each encoder reads the texts once."""
        methods = self.methods
        tuned = methods.vectors(TUNED, self.texts, self.watcher.advance)
        plain = methods.vectors("base", self.texts, lambda done: self.watcher.advance(len(self.rows) + done))
        return {
            TUNED: methods.blended(self.texts, tuned, plain),
            "tfidf": methods.words.probabilities(self.texts),
            "embedding": methods.frozen(plain),
            "base": methods.by_name(plain),
            "majority": methods.probabilities("majority", self.texts),
        }

    def _given(self, system: str, probabilities: Floats) -> Bools:
        found = np.zeros_like(self.truth)
        for i, places in enumerate(self.methods.decide(probabilities)):
            found[i, places] = True
        return found

    def _certainty(self, probabilities: Floats, given: Bools) -> dict[str, Any]:
        """How far its certainty can be trusted."""
        known = given[:, : probabilities.shape[1]]
        several = self.methods.labels.multi
        sure = thresholds.sure_of_set(probabilities, known) if several else probabilities[known]
        right = np.asarray((given == self.truth).all(axis=1))  # as accuracy has it; the truth holds unknown labels too
        certain = sure.astype(np.float64)
        points = thresholds.curve(sure, right)
        error = metrics.intervals({"ece": metrics.calibration_error(certain, right)}, len(self.rows))["ece"]
        nearest = min(points, key=lambda point: abs(point["threshold"] - self.loaded.threshold))
        return {
            "reliability": metrics.reliability(certain, right),
            "ece": error.as_dict(),
            "coverage": points,
            "unsure": {"threshold": self.loaded.threshold, **{k: nearest[k] for k in ("coverage", "accuracy")}},
        }

    def _tables(self, given: Bools) -> dict[str, Any]:
        table: dict[str, Any] = {"per_class": metrics.per_class(self.names, self.truth, given)}
        if not self.methods.labels.multi:
            crossed = self.truth.astype(np.int64).T @ given.astype(np.int64)
            table["confusion"] = crossed.tolist()
        return table

    def _out_of_scope(self, given: dict[str, Bools]) -> dict[str, Any] | None:
        """Where the data has a label for it: how many such texts are found, and what is left for the others."""
        place = self.methods.scope.label
        if place is None:
            return None
        there = self.truth[:, place]
        return {
            "label": self.names[place],
            "rows": int(there.sum()),
            "systems": {
                system: {
                    "recall": round(float(found[there, place].mean()), 4) if there.any() else None,
                    "in_scope_accuracy": round(float((found & self.truth)[~there].any(axis=1).mean()), 4)
                    if (~there).any()
                    else None,
                }
                for system, found in given.items()
            },
        }

    def _explanations(self) -> dict[str, Any]:
        """How often the answer changes when the words it names are deleted, and when as many others are."""
        rows = [row for row in sample(self.rows, 4 * EXPLAINED, 1) if len(explaining.spans(row.text)) > 2 * DELETED]
        rows = rows[:EXPLAINED]
        named = chance = 0.0
        for row in rows:
            before = self._place([row.text])[0]
            found = explaining.words(row.text, probability_of(self.loaded, before, TUNED))
            top = explaining.strongest(found, DELETED)
            others = [explaining.by_chance(row.text, len(top), f"{row.id}/{i}") for i in range(RANDOM_TRIES)]
            after = self._place([explaining.without(row.text, gone) for gone in (top, *others)])
            named += after[0] != before
            chance += sum(place != before for place in after[1:]) / RANDOM_TRIES
        count = max(len(rows), 1)
        return {
            "deleted_top": round(named / count, 4),
            "deleted_random": round(chance / count, 4),
            "rows": len(rows),
            "words": DELETED,
        }

    def _place(self, texts: Sequence[str]) -> list[int]:
        return [int(place) for place in self.methods.probabilities(TUNED, texts).argmax(axis=1)]

    def _shown(self, found: dict[str, Floats], given: dict[str, Bools]) -> list[dict[str, Any]]:
        tuned = found[TUNED]
        places = sample(list(range(len(self.rows))), MOST_ROWS, 0)
        return [
            {
                "id": self.rows[i].id,
                "row": self.rows[i].number,
                "text": self.rows[i].text,
                "truth": list(self.rows[i].labels),
                "predicted": self._labels(given[TUNED][i]),
                "confidence": round(float(tuned[i][given[TUNED][i][: tuned.shape[1]]].max()), 4),
                "top": [[self.names[p], round(float(tuned[i, p]), 4)] for p in np.argsort(-tuned[i])[:3]],
                "systems": {system: self._labels(given[system][i]) for system in ("tfidf", "embedding", "base")},
            }
            for i in places
        ]

    def _labels(self, row: Any) -> list[str]:
        return [self.names[place] for place in np.flatnonzero(row)]


def _plain(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: {metric: one.as_dict() for metric, one in values.items()} for name, values in found.items()}
