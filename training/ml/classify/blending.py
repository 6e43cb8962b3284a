"""Several methods' probabilities into one that says 80 % when it is right in 80 of 100 cases.

A log-linear pool (Genest and Zidek 1986) of the methods, its weights chosen on rows that were left out, with 0 allowed;
since the weights need not sum to 1, the pool is temperature scaling (Guo et al. 2017, arXiv 1706.04599) at the same time.
A plain mean of several methods' probabilities can be one of its members. With few rows that is hard to beat (the "forecast
combination puzzle", Claeskens et al. 2016), so that weights have to show on rows they were not chosen on that they do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_softmax, logit, softmax
from sklearn.metrics import f1_score

from training.ml.classify.linear import TINY, Floats, logs
from training.ml.classify.thresholds import sets

PULL = 2.0
"""How strongly a few validation rows are kept from moving the weights away from where they start."""
START = {"lora": 0.7, "tfidf": 0.3}
DEAR = ("embedding", "second")
"""Each of these makes another encoder read every text."""
MEAN = "mean"
"""The plain mean of several methods as a member."""
TILTS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0)
"""How much of its rarity is given back to a rare label (logit adjustment, Menon et al. 2021, arXiv 2007.07314)."""
GAIN = 0.005
"""Macro-F1 that a tilt must gain, and never for accuracy."""
CLEARLY = 0.99
"""What is clearly better leaves at most this share of the other's surprise, and labels no worse."""
NEGLIGIBLE = 0.02
CAREFUL = 0.5
"""What certainty counts where nothing could be tried: rows that were learned from make every method look sure."""


@dataclass(frozen=True)
class Blend:
    """weights by method; what is not in it takes no part."""

    weights: dict[str, float]
    multi: bool
    tilt: tuple[float, ...] = ()
    """What is added to each label's score in favour of rare labels; empty where nothing is."""
    averaged: tuple[str, ...] = ()
    """The methods behind the member called MEAN."""

    def __call__(self, found: Mapping[str, Floats]) -> Floats:
        """float32 [rows, labels] from each method's probabilities of the same shape."""
        total = sum(weight * _scores(self._one(name, found), self.multi) for name, weight in self.weights.items())
        scores = np.asarray(total, dtype=np.float64)
        scores = scores + np.asarray(self.tilt) if self.tilt else scores
        mixed: Floats = (expit(scores) if self.multi else np.exp(log_softmax(scores, axis=1))).astype(np.float32)
        return mixed

    def _one(self, name: str, found: Mapping[str, Floats]) -> Floats:
        return average([found[one] for one in self.averaged]) if name == MEAN else found[name]

    @property
    def methods(self) -> tuple[str, ...]:
        """All methods that it asks."""
        own = [name for name in self.weights if name != MEAN]
        return tuple(dict.fromkeys([*own, *(self.averaged if MEAN in self.weights else ())]))

    @property
    def encoders(self) -> set[str]:
        """Its members that read texts with an encoder."""
        return set(self.methods) & {"lora", *DEAR}

    def shares(self) -> dict[str, float]:
        """The weights as shares of 1."""
        whole = {name: self.weights.get(name, 0.0) for name in self.methods}
        for name in self.averaged if MEAN in self.weights else ():
            whole[name] += self.weights[MEAN] / len(self.averaged)
        total = sum(whole.values()) or 1.0
        return {name: round(weight / total, 3) for name, weight in whole.items()}


def average(found: Sequence[Floats]) -> Floats:
    """The plain mean of several methods' probabilities."""
    mean: Floats = np.mean(np.stack(found), axis=0, dtype=np.float32)
    return mean


def pooled(found: Mapping[str, Floats], targets: Floats, multi: bool, fold: NDArray[np.intp]) -> Blend:
    """The plain mean of all ways, or what is as good with fewer encoders, or clearly better with as many.

    FOUND is of rows that the methods did not learn from; FOLD, int [rows], says which rows are judged together by weights
    from the others.
    """
    usual = _judged(partial(_of, list(found), True, found, targets, multi), found, targets, fold)
    chosen: _Judged | None = None
    for gone in _ever_dearer(found):
        some = [name for name in found if name not in gone]
        for plain in (True, False):
            tried = _judged(partial(_of, some, plain, found, targets, multi), found, targets, fold)
            if tried.holds(usual, 1.0 if gone else CLEARLY) and (chosen is None or tried.holds(chosen, CLEARLY)):
                chosen = tried
    return (chosen or usual).blend


def joined(
    tuned: Floats, others: Mapping[str, Floats], targets: Floats, untrained: Blend, fold: NDArray[np.intp]
) -> Blend:  # fmt: skip
    """The trained encoder beside a pool that was chosen without it, with one weight each; or that pool, if it is no worse.

    A plainly tuned encoder often loses at a few hundred rows. Where it does not, encoders of the pool stay out as far as
    it makes up for them.
    """
    found = {"lora": tuned, **others}
    # The pool with its certainty set anew on the same rows, so that only what the trained encoder knows can win.
    usual = _judged(partial(_beside, untrained, others, targets), found, targets, fold)
    chosen: _Judged | None = None
    for gone in _ever_dearer(untrained.methods):
        tried = _judged(partial(_beside, _without(untrained, gone), found, targets), found, targets, fold)
        if tried.holds(usual, CLEARLY) and (chosen is None or tried.holds(chosen, CLEARLY)):
            chosen = tried
    return chosen.blend if chosen else untrained


@dataclass(frozen=True)
class _Judged:
    """A blend, and what blends of its make reached on rows that their weights were not chosen on."""

    blend: Blend
    accuracy: float
    macro_f1: float
    surprise: float

    def holds(self, other: _Judged, left: float) -> bool:
        """Whether it labels no worse and leaves at most this share of the other's surprise."""
        level = self.accuracy >= other.accuracy and self.macro_f1 >= other.macro_f1
        return level and self.surprise <= left * other.surprise


def _judged(
    make: Callable[[NDArray[np.bool_]], Blend], found: Mapping[str, Floats], targets: Floats, fold: NDArray[np.intp]
) -> _Judged:
    """MAKE gives a blend whose weights were chosen on some of the rows."""
    blend = make(np.ones(len(targets), dtype=bool))
    said = np.zeros_like(targets)
    for part in np.unique(fold):
        out = fold == part
        said[out] = make(~out)(_rows(found, out))
    accuracy, macro_f1 = _both(targets, said, blend.multi)
    return _Judged(blend, accuracy, macro_f1, _surprise(_scores(said, blend.multi), targets, blend.multi))


def _of(
    some: list[str], plain: bool, found: Mapping[str, Floats], targets: Floats, multi: bool, rows: NDArray[np.bool_]
) -> Blend:
    """Some methods weighted, or their plain mean with the certainty that it deserves."""
    known = _rows({name: found[name] for name in some}, rows)
    if not plain:
        return Blend(_weights(known, targets[rows], multi, START), multi)
    mean = {MEAN: average(list(known.values()))}
    return Blend(_weights(mean, targets[rows], multi, {MEAN: 1.0}), multi, averaged=tuple(some))


def _beside(pool: Blend, found: Mapping[str, Floats], targets: Floats, rows: NDArray[np.bool_]) -> Blend:
    """A pool with the trained encoder beside it, where that is among FOUND."""
    known = _rows(found, rows)
    both = {"lora": known["lora"]} if "lora" in known else {}
    if pool.weights:
        both["pool"] = replace(pool, tilt=())(known)
    chosen = _weights(both, targets[rows], pool.multi, dict.fromkeys(both, 1 / len(both)))
    share = chosen.pop("pool", 0.0)
    return replace(pool, weights=chosen | {name: weight * share for name, weight in pool.weights.items() if share})


def _rows(found: Mapping[str, Floats], rows: NDArray[np.bool_]) -> dict[str, Floats]:
    return {name: one[rows] for name, one in found.items()}


def _without(pool: Blend, gone: set[str]) -> Blend:
    """A pool that asks fewer encoders."""
    averaged = tuple(name for name in pool.averaged if name not in gone)
    kept = {name: weight for name, weight in pool.weights.items() if name not in gone and (name != MEAN or averaged)}
    return replace(pool, weights=kept, averaged=averaged)


def _ever_dearer(methods: Iterable[str]) -> Iterator[set[str]]:
    """Which of the dear methods stay out: all, then all but one, and none in the end."""
    dear = [name for name in DEAR if name in set(methods)]
    for count in range(len(dear), -1, -1):
        yield from map(set, combinations(dear, count))


def tilted(blend: Blend, found: Mapping[str, Floats], targets: Floats) -> tuple[float, ...]:
    """What rare labels get back, on rows that the methods did not learn from: as much macro-F1 as costs no accuracy."""
    share = targets.mean(axis=0)
    if blend.multi or (share <= 0).any():
        return ()
    plain = logs(blend(found))
    usual = _both(targets, plain, False)
    chosen: tuple[float, ...] = ()
    best = usual[1] + GAIN
    for strength in TILTS:
        tilt = -strength * np.log(share / share.max())
        right, macro = _both(targets, plain + tilt, False)
        if right >= usual[0] and macro >= best:
            best, chosen = macro, tuple(round(float(one), 4) for one in tilt)
    return chosen


def _both(targets: Floats, said: Floats, multi: bool) -> tuple[float, float]:
    """Accuracy and macro-F1 of what is likeliest, or of all labels that are likelier than not."""
    truth, given = (targets > 0, sets(said)) if multi else (targets.argmax(axis=1), said.argmax(axis=1))
    right = (truth == given).all(axis=1) if multi else truth == given
    return float(right.mean()), float(f1_score(truth, given, average="macro", zero_division=0))


def untried(multi: bool) -> Blend:
    """The usual weights at half the certainty, for want of rows to choose on."""
    return Blend({name: weight * CAREFUL for name, weight in START.items()}, multi)


def _weights(
    found: Mapping[str, Floats], targets: Floats, multi: bool, usual: Mapping[str, float]
) -> dict[str, float]:  # fmt: skip
    """The weights under which some rows are least surprising; few rows do not move them far from the usual ones."""
    names = list(found)
    scores = np.stack([_scores(found[name], multi) for name in names]).astype(np.float64)
    start = np.array([usual.get(name, 0.2) for name in names])
    wanted = targets.astype(np.float64)

    def cost(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        mixed = np.tensordot(weights, scores, axes=1)
        said = expit(mixed) if multi else softmax(mixed, axis=1)
        slope = np.tensordot(scores, said - wanted, axes=2)
        pull = PULL * float(((weights - start) ** 2).sum())
        return _surprise(mixed, targets, multi) * len(targets) + pull, slope + 2 * PULL * (weights - start)

    best = minimize(cost, start, jac=True, bounds=[(0.0, 3.0)] * len(names), method="L-BFGS-B").x
    kept = {name: float(weight) for name, weight in zip(names, best, strict=True) if weight > NEGLIGIBLE}
    return kept or dict(zip(names, start.tolist(), strict=True))


def _surprise(mixed: Floats | NDArray[np.float64], targets: Floats, multi: bool) -> float:
    """Mean negative log-likelihood of the rows."""
    if multi:
        return float(np.where(targets > 0, np.logaddexp(0, -mixed), np.logaddexp(0, mixed)).sum() / len(targets))
    return float(-(log_softmax(mixed, axis=1) * targets).sum() / len(targets))


def _scores(probabilities: Floats, multi: bool) -> Floats:
    if not multi:
        return logs(probabilities)
    found: Floats = logit(np.clip(probabilities, TINY, 1 - TINY)).astype(np.float32)
    return found
