"""What the figures of a classifier's report allow to say, and which way to answer it recommends."""

from __future__ import annotations

from typing import Any

from training.ml.scores import Interval

SIMPLE = ("tfidf", "embedding")
Scores = dict[str, dict[str, Interval]]


def judge(scores: Scores, differences: Scores, best: str) -> dict[str, Any]:
    """A difference counts only when its interval leaves out zero; on a tie the cheaper way is as good."""
    against_best = _word(differences["tuned_minus_best"])
    against_base = _word(differences["tuned_minus_base"])
    recommend, reason = "tuned", against_best
    ours, theirs = scores["tuned"], scores[best]
    lower = ours["accuracy"].mean <= theirs["accuracy"].mean and ours["macro_f1"].mean <= theirs["macro_f1"].mean
    if against_best == "worse" or (against_best == "same" and lower):
        recommend = best
    if scores["base"]["accuracy"].low > scores[recommend]["accuracy"].high:
        recommend, reason = "base", "base_better"
    return {
        "recommend": recommend,
        "best_simple": best,
        "against_best": against_best,
        "against_base": against_base,
        "reason": reason,
    }


def _word(found: dict[str, Interval]) -> str:
    """better when one figure is clearly better and none clearly worse; the other way round worse; else same."""
    better = any(one.low > 0 for one in found.values())
    worse = any(one.high < 0 for one in found.values())
    if better and not worse:
        return "better"
    return "worse" if worse and not better else "same"
