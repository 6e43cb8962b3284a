"""The report: held-out purchases ranked by the blend and by every simple method.

The protocol stands in splitting.py. Everybody's history up to the held-out part is ranked against the whole catalogue.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from training.ml import artifact
from training.ml.errors import TooFewPeople
from training.ml.recommend import comparing
from training.ml.recommend.choosing import Task, task
from training.ml.recommend.linear import popularity
from training.ml.recommend.loading import LoadedRecommender, load
from training.ml.recommend.log import Data, read_data
from training.ml.recommend.metrics import Judged, K, best_of, differences, judge, ratios, top
from training.ml.recommend.picks import SYSTEMS
from training.ml.recommend.report import Report, Tested, Verdict
from training.ml.recommend.scoring import seen
from training.ml.recommend.splitting import Split, split
from training.ml.scores import Interval
from training.ml.watching import Silent, Watcher

SAMPLE_ROWS = 200
AT_ONCE = 128
MOST_PEOPLE, FEWEST_PEOPLE, MOST_CELLS = 2000, 300, 30_000_000
"""People the report is made on, and people × items, which limit them in large catalogues."""


def evaluate(
    model: Path,
    data: Path,
    base: Path,
    embedder: Path,
    watcher: Watcher | None = None,
    limit: int | None = None,
    seed: int = 0,
) -> Report:
    """Score a model folder on a dataset's held-out part; the report is also written into the folder.

    limit: most people, drawn by chance. Raises TooFewPeople when nobody has anything held out.
    """
    found = _Evaluation(load(model, base), read_data(data), watcher or Silent(), seed).run(limit or MOST_PEOPLE)
    work = model / f"{artifact.REPORT}.tmp"
    work.write_text(json.dumps(found.to_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.replace(work, model / artifact.REPORT)
    return found


class _Evaluation:
    def __init__(self, loaded: LoadedRecommender, data: Data, watcher: Watcher, seed: int) -> None:
        self.loaded, self.data, self.watcher, self.seed = loaded, data, watcher, seed
        self.parts: Split = split(data)

    def run(self, limit: int) -> Report:
        limit = min(limit, max(FEWEST_PEOPLE, MOST_CELLS // max(len(self.data.items), 1)))
        asked = task(self.parts.learned, self.parts.test, len(self.data.items), limit)
        if not asked.truth:
            raise TooFewPeople(found=0, needed=1)
        people = len(asked.truth)
        self.watcher.phase("evaluating", 2 * people)  # the lists are one half of the work, what is compared the other
        judged = {name: self._judged(asked, shown) for name, shown in self._lists(asked).items()}
        best = best_of({name: found for name, found in judged.items() if name != "tuned"})
        compared = {
            "tuned_minus_best": differences(judged["tuned"], judged[best], self.seed),
            "ratio_to_best": ratios(judged["tuned"], judged[best], self.seed),
        }
        rows = self._rows(asked, judged["tuned"], {best: judged[best]})
        new_items = comparing.new_items(self.loaded, self.data, self.parts, self.seed, limit)
        self.watcher.advance(people + people // 4)
        sentences = comparing.sentences(self.loaded, self.seed)
        self.watcher.advance(people + people // 2)
        like_but = comparing.like_but(self.loaded, asked, self.seed)
        self.watcher.advance(people + 3 * people // 4)
        return Report(
            protocol=self.parts.protocol,
            people=people,
            items=len(self.data.items),
            interactions=len(self.data.log),
            scores={name: found.scores(self.seed) for name, found in judged.items()},
            differences=compared,
            best_simple=best,
            new_items=new_items,
            sentences=sentences,
            like_but=like_but,
            conditions=comparing.conditions(self.loaded, self.seed),
            blend=self.loaded.blend.shares(),
            rows=rows,
            titles=self._titles(rows),
            verdict=_verdict(judged, compared["tuned_minus_best"], best),
            settings={"seed": self.seed, "limit": limit, "choices": asdict(self.loaded.choices)},
        )

    def _lists(self, asked: Task) -> dict[str, list[list[int]]]:
        """What every system shows to everybody."""
        found: dict[str, list[list[int]]] = {name: [] for name in SYSTEMS}
        for start in range(0, len(asked.truth), AT_ONCE):
            batch = asked.batch.part(range(start, min(start + AT_ONCE, len(asked.truth))))
            taken = seen(batch, len(self.data.items))
            for name, shown in found.items():
                shown += top(np.where(taken, -np.inf, self.loaded.scores(batch, name)))
            self.watcher.advance(start + len(batch))
        return found

    def _judged(self, asked: Task, shown: Sequence[Sequence[int]]) -> Judged:
        learned = self.parts.learned
        people = len(np.unique(learned.person))
        return judge(shown, asked.truth, popularity(learned, len(self.data.items)).astype(float), people)

    def _rows(self, asked: Task, tuned: Judged, simple: dict[str, Judged]) -> list[Tested]:
        """A sample of people: what they had, what is shown to them (by the best simple method, too), what they took."""
        drawn = np.sort(np.random.default_rng(self.seed).permutation(len(asked.truth))[:SAMPLE_ROWS])
        ids = [item.item for item in self.data.items]
        rows = []
        for i in drawn.tolist():
            scores = self.loaded.scores(asked.batch.part([i]))[0]
            shown, truth = tuned.shown[i], asked.truth[i]
            rows.append(
                Tested(
                    person=self.data.people[int(asked.people[i])],
                    history=[ids[j] for j in asked.batch.histories[i][-K:].tolist()],
                    shown=[(ids[j], round(float(scores[j]), 4)) for j in shown],
                    systems={name: [ids[j] for j in found.shown[i]] for name, found in simple.items()},
                    taken=[ids[j] for j in sorted(truth)],
                    hits=len(truth & set(shown)),
                )
            )
        return rows

    def _titles(self, rows: Sequence[Tested]) -> dict[str, str]:
        named = {item for row in rows for item in [*row.history, *row.taken, *(one for one, _ in row.shown)]}
        return {item: self.loaded.items[self.loaded.places[item]].title for item in sorted(named)}


def _verdict(judged: dict[str, Judged], difference: dict[str, Interval], best: str) -> Verdict:
    """What to publish: the blend where it is better, else the best simple method."""
    gain = difference["ndcg@10"]
    against = "better" if gain.low > 0 else "worse" if gain.high < 0 else "same"
    recommend = "tuned" if against == "better" else best
    hits = {name: round(100 * float(found.values["hit@10"].mean())) for name, found in judged.items()}
    reason = {"better": "better", "same": "same", "worse": "simple_better"}[against]
    return Verdict(recommend, best, against, hits[recommend], hits["popularity"], reason)
