"""The choices of the simple methods, made on the validation part; and what a test asks. No torch here."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from training.ml.recommend import linear
from training.ml.recommend.building import Choices
from training.ml.recommend.linear import Dense, Table
from training.ml.recommend.log import Data, Log, histories
from training.ml.recommend.metrics import judge, top
from training.ml.recommend.near import LARGE
from training.ml.recommend.scoring import WEEKS, Batch, Member, Recents, seen, weigh

HALF_LIVES = (None, 3.0, 10.0, 30.0)
SHORT = (1.0, 2.0, 5.0)
"""Tried besides, of EASE for the best one: where films are entered one after another the last three tell most."""
SMALL = 6000
"""Catalogues up to this size can afford to try more."""
FEWEST_JUDGED = 10
MOST_TRIED = 1000
MOST_CELLS = 10_000_000
"""People × items that a choice is made on."""


@dataclass
class Task:
    """People, what they had taken, and what they took next."""

    people: NDArray[np.int64]
    batch: Batch
    truth: list[frozenset[int]]

    def part(self, rows: NDArray[np.int64]) -> Task:
        chosen = rows.tolist()
        return Task(self.people[rows], self.batch.part(chosen), [self.truth[i] for i in chosen])

    def taken(self, items: int) -> NDArray[np.bool_]:
        found = np.zeros((len(self.truth), items), dtype=bool)
        for i, truth in enumerate(self.truth):
            found[i, list(truth)] = True
        return found


def task(before: Log, after: Log, items: int, most: int | None = None) -> Task:
    """Everybody with something after and something before; popularity of recent weeks as it was at that time."""
    past, future = histories(before), histories(after)
    people = np.array([person for person in future if person in past], dtype=np.int64)
    if most is not None and len(people) > most:
        people = np.sort(np.random.default_rng(0).choice(people, most, replace=False))
    age = linear.ages(before)
    rows = [past[int(person)] for person in people]
    nows = np.array([_began(after, future[int(person)]) for person in people])
    recents = Recents(before, items, nows)
    batch = Batch([before.item[row] for row in rows], [age[row] for row in rows], recents)
    return Task(people, batch, [frozenset(after.item[future[int(person)]].tolist()) for person in people])


def _began(log: Log, rows: NDArray[np.int64]) -> float:
    known = log.when[rows][np.isfinite(log.when[rows])]
    return float(known.min()) if len(known) else float("nan")


def quality(scores: Dense, task: Task, allowed: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
    """ndcg@10 of each person, items of the history left out."""
    free = ~seen(task.batch, scores.shape[1])
    free = free if allowed is None else free & allowed
    shown = top(np.where(free, scores, -np.inf))
    return judge(shown, task.truth, np.ones(scores.shape[1]), 1).values["ndcg@10"]


class Chooser:
    """Tries the simple methods on the validation part."""

    def __init__(self, train: Log, validation: Log, data: Data, words: Table, text: Dense) -> None:
        self.items, self.people = len(data.items), len(data.people)
        self.train, self.words, self.text = train, words, text
        self.task = task(train, validation, self.items, max(200, min(MOST_TRIED, MOST_CELLS // self.items)))
        self.taken = linear.matrix(train, (self.people, self.items))
        self.tried: dict[str, float] = {}
        self.ease: Table | None = None

    @property
    def can_judge(self) -> bool:
        """Whether enough people have something held out."""
        return len(self.task.truth) >= FEWEST_JUDGED

    @property
    def best(self) -> float:
        """What the best simple method reached."""
        return max(self.tried.values())

    def winner(self, choices: Choices) -> Member:
        """The best simple method as a member."""
        kind = max(self.tried, key=self.tried.__getitem__).split()[0]
        return {
            "ease": Member("ease", "ease", choices.ease_half_life, choices.ease_apart),
            "itemknn": Member("itemknn", "itemknn", choices.itemknn_half_life),
            "content": Member("tfidf", "words", choices.content_half_life),
            "recent": Member("recent", "recent", choices.weeks),
        }[kind]

    def choose(self) -> Choices:
        """The best of each method by ndcg@10."""
        found = Choices()
        if not self.can_judge:
            return found
        small = self.items <= SMALL
        found = self._newest(self._patterns(found, small))
        best = -1.0
        for shrink, share in (
            ((10.0, 0.5), (50.0, 0.5), (50.0, 0.3), (50.0, 0.7)) if small else ((10.0, 0.5), (50.0, 0.5))
        ):
            table = linear.itemknn(self.taken, shrink, share)
            for half_life in (*HALF_LIVES, *SHORT):
                score = self._score(f"itemknn {shrink:g} {share:g} {half_life}", table, half_life)
                if score > best:
                    best = score
                    found = replace(found, shrink=shrink, share=share, itemknn_half_life=half_life)
        return self._rest(found)

    def _patterns(self, found: Choices, small: bool) -> Choices:
        """The ridge of EASE, with the half-lives that are usual."""
        best = -1.0
        for strength in (100.0, 300.0, 1000.0) if small else (100.0, 300.0):
            for exponent in (0.0, 0.25) if small else (0.0,):
                table = linear.ease(self.taken, strength, exponent)
                for half_life in HALF_LIVES:
                    score = self._score(f"ease {strength:g} {exponent:g} {half_life}", table, half_life)
                    if score > best:
                        best, self.ease = score, table
                        found = replace(found, strength=strength, exponent=exponent, ease_half_life=half_life)
        return found

    def _newest(self, found: Choices) -> Choices:
        """Shorter half-lives for the best EASE; where several items share a moment also those that take them one by one."""
        best, named = self.best, f"ease {found.strength:g} {found.exponent:g}"
        tried = [(life, False) for life in SHORT]
        if self.at_once:
            tried += [(life, True) for life in (*SHORT, *HALF_LIVES) if life is not None]
        for half_life, apart in tried:
            weights = weigh(self.task.batch, self.items, half_life, apart)
            score = self._note(f"{named} {half_life}{' apart' * apart}", (weights @ self.ease).toarray())
            if score > best:
                best, found = score, replace(found, ease_half_life=half_life, ease_apart=apart)
        return found

    @property
    def at_once(self) -> bool:
        """Whether anybody took several items at one moment."""
        return any((np.diff(ages) == 0).any() for ages in self.task.batch.ages)

    def _rest(self, found: Choices) -> Choices:
        """Half-lives of the content-only method and of the popularity of recent weeks."""
        best, by_word = -1.0, self.words.T.tocsr()
        for half_life in HALF_LIVES:
            weights = weigh(self.task.batch, self.items, half_life)
            scores = ((weights @ self.words) @ by_word).toarray() + (weights @ self.text) @ self.text.T
            score = self._note(f"content {half_life}", np.asarray(scores))
            if score > best:
                best, found = score, replace(found, content_half_life=half_life)
        best = -1.0
        for weeks in WEEKS:
            assert self.task.batch.recents is not None
            score = self._note(f"recent {weeks:g}", self.task.batch.recents.of(weeks))
            if score > best:
                best, found = score, replace(found, weeks=weeks)
        return found

    def _score(self, name: str, table: Table, half_life: float | None) -> float:
        return self._note(name, (weigh(self.task.batch, self.items, half_life) @ table).toarray())

    def _note(self, name: str, scores: Dense) -> float:
        self.tried[name] = round(float(quality(scores, self.task).mean()), 4)
        return self.tried[name]


def members_of(choices: Choices, items: int) -> list[Member]:
    """Everything the blend may draw on; what compares dense vectors only where the catalogue leaves time for it."""
    lives = {None, 1.0, 3.0, 10.0, 30.0} | (set() if choices.ease_apart else {choices.ease_half_life})
    order = sorted(lives, key=lambda life: (life is not None, life or 0))
    apart = sorted({1.0, 3.0, choices.ease_half_life or 1.0}) if choices.ease_apart else ()
    return [
        *[Member(f"ease_{life or 'flat'}", "ease", life) for life in order],
        *[Member(f"ease_{life}_apart", "ease", life, True) for life in apart],
        Member("itemknn_flat", "itemknn"),
        Member("itemknn_3", "itemknn", 3.0),
        Member("itemknn_10", "itemknn", 10.0),
        *([Member("itemknn_1_apart", "itemknn", 1.0, True)] if choices.ease_apart else []),
        Member("transitions_3", "transitions", 3.0),
        Member("transitions", "transitions", 10.0),
        Member("tfidf_flat", "words"),
        Member("tfidf_3", "words", 3.0),
        *([Member("tfidf_1_apart", "words", 1.0, True)] if choices.ease_apart else []),
        *([Member("lora", "lora"), Member("ridge", "ridge", choices.ease_half_life)] if items <= LARGE else []),
        Member("popularity", "popularity"),
        *[Member(f"recent_{weeks:g}", "recent", weeks) for weeks in WEEKS[:3]],
    ]
