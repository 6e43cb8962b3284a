"""Choose on validation rows when a known answer is given word for word and below what similarity the bot is unsure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from training.ml.chat.finder import Finder
from training.ml.chat.report import CurvePoint
from training.ml.chat.rows import Row
from training.ml.everyday import everyday
from training.ml.facts import foreign
from training.ml.knowledge import Hit
from training.ml.prompts import NEVER, Policy, decide
from training.ml.scores import FEWEST_PAIRS, token_f1

Floats = NDArray[np.float64]
SAME_QUESTION = 0.97
FAR_APART = 95
"""Percentile of likeness between different questions; what is nearer than that is most likely the same question."""
SHARES = (90, 75, 50, 25, 0)
FOREIGN_COST = 0.05
LEAST_GAIN = 0.005
NEARLY_NONE = 0.02
STRANGE = 90
"""Percentile of everyday sentences, asked of a bot that they do not concern, above whose likeness it may try to answer."""
SPARED = 10
"""Percentile of held-out questions that this keeps from being answered, at most."""
SURELY = 2.2
"""Standard errors between two means from which one is called lower: with six rows one in twenty by chance."""
LIST = 0.65
"""Median likeness of held-out questions to known ones below which the data is a list of different questions."""
FORGIVEN = 0.04
"""What an answer may lose on held-out questions of such a list, to be right where visitors ask what stands in it."""


@dataclass(frozen=True)
class Candidate:
    """What both ways of answering gave for one validation row."""

    row: Row
    hits: list[Hit]
    written: str


@dataclass(frozen=True)
class Tried:
    """A threshold as it did on the validation rows."""

    hand_over: float
    guard: bool
    share: float
    """Of the rows, that got a known answer word for word."""
    worth: float


def measures(finder: Finder, answers: Sequence[str], references: Sequence[str]) -> Floats:
    """Word overlap and likeness of meaning, two columns with a row for each answer."""
    given, wanted = finder.embedder.encode(answers), finder.embedder.encode(references)
    overlap = [token_f1(a, r) for a, r in zip(answers, references, strict=True)]
    return np.stack([np.asarray(overlap), (given * wanted).sum(axis=1)], axis=1).astype(np.float64)


def choose_policy(finder: Finder, candidates: Sequence[Candidate], start: Policy) -> tuple[Policy, list[Tried]]:
    """The threshold whose answers were best on the validation rows; the highest one of those that are as good."""
    if not candidates:
        return start, []
    written = _Answers(finder, candidates, [c.written for c in candidates])
    known = _Answers(finder, candidates, [c.hits[0].known.answer if c.hits else "" for c in candidates])
    compared: list[Tried] = []
    tried: list[Policy] = []
    for guard in (True, False):
        for threshold in _thresholds(candidates):
            policy = replace(start, hand_over=threshold, guard=guard)
            over = np.array([decide(policy, c.row.asked, c.hits).kind == "hand_over" for c in candidates])
            worth = _worth(over, written, known)
            compared.append(Tried(threshold, guard, float(over.mean()), worth))
            tried.append(policy)
    a_list = float(np.median(_similarities(candidates))) < LIST
    return tried[_boldest(compared) if a_list else _best(compared)], compared


def _best(compared: Sequence[Tried]) -> int:
    """The first one that no later one beats by more than a little."""
    best = 0
    for place, one in enumerate(compared):
        if one.worth > compared[best].worth + LEAST_GAIN:
            best = place
    return best


def _boldest(compared: Sequence[Tried]) -> int:
    """Of those nearly as good as the best, the one that gives most known answers word for word.

    Nobody asks a second time what stands once in a list, so its held-out rows say nothing of the visitors who ask
    exactly that in other words, and for whom the known answer is the right one.
    """
    enough = max(one.worth for one in compared) - FORGIVEN
    return max(
        (place for place, one in enumerate(compared) if one.worth >= enough),
        key=lambda place: (compared[place].share, -place),
    )


def _thresholds(candidates: Sequence[Candidate]) -> list[float]:
    """What to try; ties go to the first. Encoders differ in scale, so shares of rows decide.

    Held-out rows are other questions than the known ones, visitors mostly ask known ones in other words. So what is
    nearer to a known question than nearly all held-out rows are is taken for that question, unless rows say otherwise.
    """
    similarities = _similarities(candidates)
    apart = min(SAME_QUESTION, math.ceil(float(np.percentile(similarities, FAR_APART)) * 100) / 100)
    found = np.percentile(similarities, SHARES)
    tried = [apart, SAME_QUESTION, NEVER, *(math.floor(value * 100) / 100 for value in found[:-1]), 0.0]
    return list(dict.fromkeys(tried))


def _similarities(candidates: Sequence[Candidate]) -> Floats:
    return np.array([c.hits[0].similarity if c.hits else 0.0 for c in candidates], dtype=np.float64)


class _Answers:
    """One way of answering all validation rows, measured."""

    def __init__(self, finder: Finder, candidates: Sequence[Candidate], answers: Sequence[str]) -> None:
        house = finder.knowledge.house
        rows = [c.row for c in candidates]
        self.measures = measures(finder, answers, [row.answer for row in rows])
        wrong = [bool(foreign(a, r.question, r.answer, house=house)) for a, r in zip(answers, rows, strict=True)]
        self.foreign = np.asarray(wrong, dtype=np.float64)


def _worth(over: NDArray[np.bool_], written: _Answers, known: _Answers) -> float:
    """Both measures together, less a little for foreign facts, and less what either lacks to retrieval alone."""
    mixed = np.where(over[:, None], known.measures, written.measures).mean(axis=0)
    lacking = np.maximum(0.0, known.measures.mean(axis=0) - mixed).sum()
    foreign_share = np.where(over, known.foreign, written.foreign).mean()
    return float(mixed.mean() - lacking - FOREIGN_COST * foreign_share)


def curve(similarities: Floats, qualities: Floats) -> list[CurvePoint]:
    """Quality of answers below and above each similarity of the nearest known question."""
    points = []
    for similarity in np.arange(0.2, 0.96, 0.05):
        below = similarities < similarity
        points.append(
            CurvePoint(
                similarity=round(float(similarity), 2),
                share_below=round(float(below.mean()), 4),
                quality_below=round(float(qualities[below].mean()), 4) if below.any() else None,
                quality_above=round(float(qualities[~below].mean()), 4) if not below.all() else None,
                count_below=int(below.sum()),
                clear=_clearly_lower(qualities[below], qualities[~below]),
            )
        )
    return points


def _clearly_lower(low: Floats, high: Floats) -> bool:
    """Welch's test of two means; of fewer than six rows on either side nothing is told."""
    if min(len(low), len(high)) < FEWEST_PAIRS:
        return False
    spread = math.sqrt(low.var(ddof=1) / len(low) + high.var(ddof=1) / len(high))
    return float(high.mean() - low.mean()) > SURELY * spread


def strange_below(similarities: Floats, strange: Sequence[float]) -> float:
    """Up to where nearly all everyday sentences lie that belong to no known question, as far as few held-out ones do.

    SIMILARITIES: of held-out questions to the nearest known one; STRANGE: of everyday sentences. Rows too few to tell
    where answers get worse are no reason to answer what has nothing to do with the data.
    """
    if not len(similarities) or not len(strange):
        return 0.0
    return math.floor(100 * min(np.percentile(strange, STRANGE), np.percentile(similarities, SPARED))) / 100


def recommended_unsure(points: Sequence[CurvePoint], least: float = 0.0) -> tuple[float, str]:
    """Where answers below are clearly worse, for at most a quarter of the questions; else below nearly all of them.

    Where they look worse on rows too few to tell, that is the reason given. LEAST: below which it is never.
    """
    calm = max((point.similarity for point in points if point.share_below <= NEARLY_NONE), default=0.0)
    best = max(calm, least)
    gain, suspected = 0.0, False
    for point in points:
        if point.quality_below is None or point.quality_above is None or not 0.02 <= point.share_below <= 0.25:
            continue
        apart = (point.quality_above - point.quality_below) * (point.share_below * (1 - point.share_below)) ** 0.5
        if point.quality_below >= 0.8 * point.quality_above:
            continue
        suspected = True
        if point.clear and apart > gain:
            best, gain = point.similarity, apart
    if gain and best > least:
        return best, "answers_below_are_worse"
    if least > calm:
        return least, "unlike_everyday"
    return max(calm, least), "too_few_to_tell" if suspected else "below_nearly_all_questions"


def unsure_curve(finder: Finder, candidates: Sequence[Candidate], policy: Policy) -> Policy:
    """The policy with the similarity below which its bot should say that it is not sure."""
    if not candidates:
        return policy
    decisions = [decide(policy, c.row.asked, c.hits) for c in candidates]
    answers = [d.answer or c.written for d, c in zip(decisions, candidates, strict=True)]
    qualities = measures(finder, answers, [c.row.answer for c in candidates]).mean(axis=1)
    similarities = np.array([d.similarity for d in decisions])
    least = strange_below(similarities, finder.likeness(everyday([c.row.question for c in candidates])))
    return replace(policy, unsure=recommended_unsure(curve(similarities, qualities), least)[0])
