"""Measuring a classifier on rows it has never seen, beside every cheap method, into report.json."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from training.ml import artifact
from training.ml.classify import explaining, metrics, thresholds
from training.ml.classify.answering import probability_of
from training.ml.classify.linear import Floats
from training.ml.classify.loading import LoadedClassifier, load
from training.ml.classify.methods import LEARNED, MAJORITY, SECOND, TUNED, Seen
from training.ml.classify.metrics import Bools
from training.ml.classify.report import (
    Beyond,
    Certain,
    Covered,
    Explained,
    OutOfScope,
    Refused,
    Report,
    Tested,
    Unsure,
)
from training.ml.classify.rows import Row, read
from training.ml.classify.verdict import SIMPLE, beats, judge
from training.ml.errors import TooLittleData
from training.ml.sampling import sample
from training.ml.scores import Interval, wilson
from training.ml.watching import Silent, Watcher

MOST_ROWS = 2000
"""Rows kept in the report; all of them are measured."""
EXPLAINED = 60
MOST_READ = 80_000
"""Tokens that explaining may make the encoders read; long texts are read once for each of their words."""
FEWEST_EXPLAINED = 12
DELETED = 3
"""Words deleted to see whether an explanation names what matters."""
RANDOM_TRIES = 3


def evaluate(
    model: Path, data: Path, base: Path, embedder: Path, watcher: Watcher | None = None, limit: int | None = None
) -> Report:  # fmt: skip
    """Writes and returns report.json; LIMIT measures only so many of the held-out rows. EMBEDDER is not used."""
    rows = read(data / "test.jsonl")
    rows = sample(rows, limit, 0) if limit else rows
    if not rows:
        raise TooLittleData(found=0, needed=1)
    began = time.monotonic()
    report = _Evaluation(load(model, base), rows, watcher or Silent()).run()
    report = replace(report, seconds=round(time.monotonic() - began, 1))
    work = model / f"{artifact.REPORT}.tmp"
    work.write_text(json.dumps(report.to_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
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

    def run(self) -> Report:
        encoders = 3 if SECOND in self.methods.systems else 2
        self.watcher.phase("evaluating", encoders * len(self.rows))
        seen = Seen(self.methods, self.texts, self.watcher.advance)
        # Every system's probabilities, float32 [rows, labels]; each encoder reads the texts once.
        found = {system: seen.probabilities(system) for system in self.methods.systems}
        given = {system: self._given(system, values) for system, values in found.items()}
        measured = {
            system: {
                "accuracy": metrics.accuracy(self.truth, given[system]),
                "macro_f1": metrics.macro_f1(self.truth, given[system]),
            }
            for system in self.methods.systems
        }
        scores = {system: metrics.intervals(measures, len(self.rows)) for system, measures in measured.items()}
        for found_scores in scores.values():
            mean = found_scores["accuracy"].mean
            found_scores["accuracy"] = Interval(mean, *wilson(mean, len(self.rows)), len(self.rows))
        simple = [system for system in SIMPLE if system in scores]
        best = max(simple, key=lambda system: scores[system]["accuracy"].mean + scores[system]["macro_f1"].mean)

        def less(ours: str, theirs: str) -> dict[str, Interval]:
            """One way less another on the same rows."""
            both = {m: metrics.difference(measured[ours][m], measured[theirs][m]) for m in measured[ours]}
            return metrics.intervals(both, len(self.rows))

        differences = {"tuned_minus_best": less(TUNED, best), "tuned_minus_base": less(TUNED, "base")}
        verdict = judge(scores, differences, best)
        differences["recommended_minus_majority"] = less(verdict.recommend, "majority")
        beaten = "better" if beats(differences["recommended_minus_majority"]) else "same"
        sure, right = self._certainty(found[TUNED], given[TUNED])
        certain = {
            system: self._certain(seen, system, found[system], given[system])
            for system in LEARNED
            if system in self.methods.systems
        }
        said = sure.astype(np.float64)
        return Report(
            labels=list(self.names),
            multi=self.methods.labels.multi,
            scores=scores,
            differences=differences,
            verdict=replace(verdict, against_majority=beaten),
            blend=self.methods.blend.shares(),
            explanations=self._explanations(),
            reliability=metrics.reliability(said, right),
            ece=metrics.intervals({"ece": metrics.calibration_error(said, right)}, len(self.rows))["ece"],
            coverage=certain[TUNED].coverage,
            unsure=certain[TUNED].unsure,
            refused=certain[TUNED].refused,
            certain={system: one for system, one in certain.items() if system != TUNED},
            per_class=metrics.per_class(self.names, self.truth, given[TUNED]),
            confusion=self._confusion(given[TUNED]),
            out_of_scope=self._out_of_scope(given),
            rows=self._shown(found, given),
            held_out=len(self.rows),
        )

    def _given(self, system: str, probabilities: Floats) -> Bools:
        found = np.zeros_like(self.truth)
        for i, places in enumerate(self.methods.decide(probabilities)):
            found[i, places] = True
        return found

    def _certainty(self, probabilities: Floats, given: Bools) -> tuple[Floats, Bools]:
        """How sure it is of each answer, and whether it is right: float32 and bool [rows]."""
        known = given[:, : probabilities.shape[1]]
        several = self.methods.labels.multi
        sure = thresholds.sure_of_set(probabilities, known) if several else probabilities[known]
        # As accuracy has it; the truth holds unknown labels too.
        return sure, np.asarray((given == self.truth).all(axis=1))

    def _certain(self, seen: Seen, system: str, probabilities: Floats, given: Bools) -> Certain:
        """How far it is sure, with what it calls none of the labels counted as it will be served."""
        sure, right = self._certainty(probabilities, given)
        refused, place = seen.far(system), self.methods.scope.label
        belongs = np.ones(len(self.rows), dtype=bool)
        if place is not None:
            # As answers have it: the likeliest of what is given means that it belongs nowhere.
            likeliest = np.where(given[:, : probabilities.shape[1]], probabilities, -1).argmax(axis=1)
            refused, belongs = refused | (likeliest == place), ~self.truth[:, place]
        points = thresholds.curve(sure, right, refused)
        lost = refused & belongs
        return Certain(points, self._unsure(points), Refused(int(lost.sum()), int((lost & right).sum())))

    def _unsure(self, points: Sequence[Covered]) -> Unsure:
        """What the threshold of the model leaves, at the nearest one that was tried."""
        nearest = min(points, key=lambda point: abs(point.threshold - self.loaded.threshold))
        return Unsure(self.loaded.threshold, nearest.coverage, nearest.accuracy)

    def _confusion(self, given: Bools) -> list[list[int]] | None:
        """Rows of each label by what was said of them; nothing where a text has several labels."""
        if self.methods.labels.multi:
            return None
        crossed: list[list[int]] = (self.truth.astype(np.int64).T @ given.astype(np.int64)).tolist()
        return crossed

    def _out_of_scope(self, given: dict[str, Bools]) -> OutOfScope | None:
        """Where the data has a label for it: how many such texts are found, and what is left for the others."""
        place = self.methods.scope.label
        if place is None:
            return None
        there = self.truth[:, place]
        systems = {
            system: Beyond(
                round(float(found[there, place].mean()), 4) if there.any() else None,
                round(float((found & self.truth)[~there].any(axis=1).mean()), 4) if (~there).any() else None,
            )
            for system, found in given.items()
        }
        return OutOfScope(self.names[place], int(there.sum()), systems)

    def _explanations(self) -> Explained:
        """How often the answer changes when the words it names are deleted, and when as many others are."""
        rows = self._explained()
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
        return Explained(round(named / count, 4), round(chance / count, 4), len(rows), DELETED)

    def _explained(self) -> list[Row]:
        """Rows for that: as many as can be read, the longest only where room is left."""
        rows = [row for row in sample(self.rows, 4 * EXPLAINED, 1) if len(explaining.spans(row.text)) > 2 * DELETED]
        readers = max(len(self.methods.blend.encoders), 1)
        lengths = self.methods.texts.ids([row.text for row in rows])
        costs = {
            row.id: readers * len(ids) * (len(explaining.spans(row.text)) + RANDOM_TRIES + 3)
            for row, ids in zip(rows, lengths, strict=True)
        }
        chosen: list[Row] = []
        for row in sorted(rows, key=lambda row: costs[row.id] > MOST_READ / FEWEST_EXPLAINED):
            if len(chosen) < EXPLAINED and sum(costs[one.id] for one in chosen) + costs[row.id] <= MOST_READ:
                chosen.append(row)
        return chosen

    def _place(self, texts: Sequence[str]) -> list[int]:
        return [int(place) for place in self.methods.probabilities(TUNED, texts).argmax(axis=1)]

    def _shown(self, found: dict[str, Floats], given: dict[str, Bools]) -> list[Tested]:
        tuned = found[TUNED]
        places = sample(list(range(len(self.rows))), MOST_ROWS, 0)
        return [
            Tested(
                id=self.rows[i].id,
                row=self.rows[i].number,
                text=self.rows[i].text,
                truth=list(self.rows[i].labels),
                predicted=self._labels(given[TUNED][i]),
                confidence=round(float(tuned[i][given[TUNED][i][: tuned.shape[1]]].max()), 4),
                top=[(self.names[p], round(float(tuned[i, p]), 4)) for p in np.argsort(-tuned[i])[:3]],
                systems={system: self._labels(given[system][i]) for system in given if system not in (TUNED, MAJORITY)},
            )
            for i in places
        ]

    def _labels(self, row: Bools) -> list[str]:
        return [self.names[place] for place in np.flatnonzero(row)]
