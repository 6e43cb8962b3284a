"""What the figures of a classifier's report allow to say, and which way to answer it recommends."""

from __future__ import annotations

from training.ml.classify.report import Verdict
from training.ml.reports import Scores
from training.ml.scores import FEWEST_PAIRS, Interval

SIMPLE = ("untrained", "tfidf", "embedding", "second")


def judge(scores: Scores, differences: Scores, best: str) -> Verdict:
    """A difference counts only when its interval leaves out zero; on a tie the cheaper way is as good."""
    against_best = word_of(differences["tuned_minus_best"])
    against_base = word_of(differences["tuned_minus_base"])
    recommend, reason = "tuned", against_best
    ours, theirs = scores["tuned"], scores[best]
    lower = ours["accuracy"].mean <= theirs["accuracy"].mean and ours["macro_f1"].mean <= theirs["macro_f1"].mean
    if against_best == "worse" or (against_best == "same" and lower):
        recommend = best
    if scores["base"]["accuracy"].low > scores[recommend]["accuracy"].high:
        recommend, reason = "base", "base_better"
    return Verdict(recommend, best, against_best, against_base, reason)


def word_of(found: dict[str, Interval]) -> str:
    """better when one figure is clearly better and none clearly worse; the other way round worse; else same."""
    if any(one.rows < FEWEST_PAIRS for one in found.values()):
        return "same"  # five texts that all point one way do so by chance once in sixteen times
    better = any(one.low > 0 for one in found.values())
    worse = any(one.high < 0 for one in found.values())
    if better and not worse:
        return "better"
    return "worse" if worse and not better else "same"


def beats(found: dict[str, Interval]) -> bool:
    """Whether one figure is clearly better: who finds rare labels is of use though the commonest would be right more often."""
    return any(one.low > 0 and one.rows >= FEWEST_PAIRS for one in found.values())
