"""What a chat model's figures allow to say, and what they recommend: only what rows that were compared in pairs bear out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from training.ml.scores import Interval, paired, word

RIGHT = 0.5
"""An answer counts as right from this mean of shared words and meaning on, without a fact of another case."""
FEW = 0.1
"""When the model writes no more than this share of the answers, looking up is what answers."""


class Scored(Protocol):
    @property
    def token_f1(self) -> float: ...

    @property
    def similarity(self) -> float: ...

    @property
    def foreign(self) -> Sequence[str]: ...


class Answered(Protocol):
    """One held-out question: who answered it, and how well each system did."""

    @property
    def kind(self) -> str: ...

    @property
    def unsure(self) -> bool: ...

    @property
    def tuned(self) -> Scored: ...

    @property
    def base(self) -> Scored: ...

    @property
    def retrieval(self) -> Scored: ...


@dataclass(frozen=True)
class Verdict:
    """What the figures allow to say."""

    against_base: str = ""
    """better, same or worse, or unknown for want of rows: the published bot against the untouched base."""
    against_retrieval: str = ""
    """The same against giving the nearest known answer."""
    foreign_against_retrieval: str = ""
    """fewer, same or more answers with foreign facts than retrieval alone."""
    recommend: str = ""
    """Which to publish: tuned or retrieval; base says that this training did harm and none of it should be published."""
    reason: str = ""
    """better, same_with_fewer_foreign_facts, same, few_written, retrieval_better, base_better, and, for a bot that is not
    ready: written_like_base, nothing_shown, mostly_wrong."""
    right: dict[str, int] | None = None
    """system -> how many answers are right."""
    written: int | None = None
    """How many answers the model wrote itself; the rest are known answers."""
    written_right: int = 0
    written_against_base: str = "unknown"
    written_against_retrieval: str = "unknown"


def judge(differences: dict[str, dict[str, Interval]], rows: Sequence[Answered] = (), seed: int = 0) -> Verdict:
    """A difference counts only when its interval leaves out zero."""
    base, retrieval = differences["tuned_minus_base"], differences["tuned_minus_retrieval"]
    against_base, against_retrieval = word(base["quality"]), word(retrieval["quality"])
    foreign = {"better": "more", "worse": "fewer"}.get(word(retrieval["foreign"]), "same")
    if not rows:
        return Verdict(against_base, against_retrieval, foreign, *_by_figures(against_base, against_retrieval, foreign))
    written = [row for row in rows if row.kind == "generate"]
    found = {
        "right": {s: sum(is_right(getattr(row, s)) for row in rows) for s in ("tuned", "retrieval", "base")},
        "written": len(written),
        "written_right": sum(is_right(row.tuned) for row in written),
        "written_against_base": word(_gain(written, "base", seed)),
        "written_against_retrieval": word(_gain(written, "retrieval", seed)),
    }
    draft = Verdict(against_base, against_retrieval, foreign, "", "", **found)  # type: ignore[arg-type]
    recommend, reason = _recommend(draft, rows)
    return Verdict(against_base, against_retrieval, foreign, recommend, reason, **found)  # type: ignore[arg-type]


def quality(scored: Scored) -> float:
    return (scored.token_f1 + scored.similarity) / 2


def is_right(scored: Scored) -> bool:
    return quality(scored) >= RIGHT and not scored.foreign


def _gain(rows: Sequence[Answered], other: str, seed: int) -> Interval:
    return paired([quality(row.tuned) - quality(getattr(row, other)) for row in rows], seed)


def _recommend(found: Verdict, rows: Sequence[Answered]) -> tuple[str, str]:
    """What to publish and why; the first that applies."""
    if found.against_retrieval == "worse":
        return "retrieval", "retrieval_better"
    if found.against_base == "worse":
        return "base", "base_better"
    written, beaten = found.written or 0, found.against_retrieval == "better"
    if written <= FEW * len(rows) and not beaten and found.written_against_retrieval != "better":
        return "retrieval", "few_written"
    if found.written_against_base != "better" and 2 * found.written_right < written:
        return "base" if beaten else "retrieval", "written_like_base"
    if found.against_base != "better" and not beaten:
        return "retrieval", "nothing_shown"
    answered = [row for row in rows if not row.unsure]
    if 2 * sum(is_right(row.tuned) for row in answered) < len(answered):
        return "tuned" if beaten else "retrieval", "mostly_wrong"
    return _by_figures(found.against_base, found.against_retrieval, found.foreign_against_retrieval)


def _by_figures(against_base: str, against_retrieval: str, foreign: str) -> tuple[str, str]:
    if against_retrieval == "worse":
        return "retrieval", "retrieval_better"
    if against_base == "worse":
        return "base", "base_better"
    if against_retrieval == "better":
        return "tuned", "better"
    return "tuned", "same_with_fewer_foreign_facts" if foreign == "fewer" else "same"
