"""What a classifier's answer means: how sure it is in words, which words decided, and whether a person should look."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from endpoints.events import Knowing
from projects import usecases
from projects.enumerating import listed
from projects.usecases import UseCase
from training.ml import artifact
from training.ml.classify.answers import Answer, Word
from training.ml.classify.labelled import Labelled

SURE = 0.9
"""Calibrated probability from which we call it sure."""
MARKED = 12
"""Pieces of a text that are marked at most; more would say nothing."""
FAINT = 0.1
"""Share of the strongest weight below which a word is not marked."""
NAMED = 3
"""Words that a sentence or a cell names."""
MOST_CHOICES = 300
ALARMING = re.compile(
    r"\b(urgent\w*|emergenc\w+|critical\w*|severe\w*|serious\w*|high|danger\w*|fraud\w*|suspicious\w*|suicid\w*|crisis|alarm\w*)\b"
    r"|紧急|危急|危险|严重|高风险|高危|可疑|欺诈",
    re.IGNORECASE,
)
"""Levels that a person has to see whatever the probability, where a use case has a word for it."""


@dataclass(frozen=True)
class Terms:
    """Under what a text is judged: the owner's threshold, and what the classifier can say at all."""

    threshold: float = 0.0
    use_case: str = ""
    labels: tuple[str, ...] = ()
    multi: bool = False  # a text may have several labels


def terms(knowing: Knowing, threshold: float) -> Terms:
    labels, multi = _about(knowing.folder)
    return Terms(threshold, knowing.use_case, labels, multi)


@lru_cache(maxsize=64)
def _about(folder: Path) -> tuple[tuple[str, ...], bool]:
    known = Labelled.from_json(artifact.read_manifest(folder).details)
    return tuple(known.labels), known.multi


@dataclass(frozen=True)
class Outcome:
    """One text judged."""

    label: str  # as people read it: several joined, empty when none fits
    labels: list[str]
    score: float
    level: str  # sure, likely or unsure
    scores: list[tuple[str, float]]  # the likeliest labels, best first
    pieces: list[tuple[str, float]] = field(default_factory=list)  # the text, each piece with its weight from 0 to 1
    out_of_scope: bool = False
    needs_person: bool = False

    @property
    def decided(self) -> list[str]:
        """The words that decided, the strongest first."""
        found = sorted((piece for piece in self.pieces if piece[1] > 0), key=lambda piece: -piece[1])
        words = dict.fromkeys(word.strip(" \t\n.,;:!?\"“”'‘’()。，；：！？") for word, _weight in found)
        return [word for word in words if word][:NAMED]


def judge(text: str, row: Answer, under: Terms) -> Outcome:
    """What the engine said about a text, with the owner's threshold applied."""
    scores = sorted(row.scores.items(), key=lambda pair: -pair[1])
    labels = (row.labels if under.multi else []) or [row.label]
    score, outside = row.score, row.out_of_scope
    unsure = outside or score < under.threshold
    level = "unsure" if unsure else "sure" if score >= SURE else "likely"
    alarming = any(ALARMING.search(label) for label in labels)
    return Outcome(
        label=", ".join(labels),
        labels=labels,
        score=score,
        level=level,
        scores=scores,
        pieces=pieces(text, row.words),
        out_of_scope=outside,
        needs_person=triages(under.use_case) and (unsure or alarming),
    )


def pieces(text: str, words: Sequence[Word]) -> list[tuple[str, float]]:
    """The text cut where words decided; weights as shares of the strongest."""
    strongest = max((word.weight for word in words), default=0.0)
    if strongest <= 0:
        return [(text, 0.0)]
    marked = [word for word in words if word.weight >= FAINT * strongest]
    marked = sorted(marked, key=lambda word: -word.weight)[:MARKED]
    found: list[tuple[str, float]] = []
    end = 0
    for word in sorted(marked, key=lambda word: word.start):
        start, stop = word.start, word.end
        if not end <= start < stop <= len(text):
            continue
        if start > end:
            found.append((text[end:start], 0.0))
        found.append((text[start:stop], round(word.weight / strongest, 2)))
        end = stop
    if end < len(text):
        found.append((text[end:], 0.0))
    return found


def strength(weight: float) -> int:
    """How strongly a piece is marked: 3, 2 or 1; 0 is not at all."""
    return 0 if weight <= 0 else 3 if weight >= 0.66 else 2 if weight >= 0.33 else 1


def result(found: Outcome, under: Terms) -> dict[str, object]:
    """What chat windows draw, with its words in the language of the moment."""
    case = _case(under.use_case)
    return {
        "label": found.label,
        "labels": found.labels,
        "score": round(found.score, 4),
        "level": found.level,
        "said": level_words(found),
        "percent": percent(found.score),
        "scores": [[name, round(p, 4), percent(p)] for name, p in found.scores[:5]],
        "choices": choices(found, under),
        "multi": under.multi,
        "pieces": [[text, weight, strength(weight)] for text, weight in _marked(found)],
        "out_of_scope": found.out_of_scope,
        "needs_person": found.needs_person,
        "person": str(case.person_outcome) if case and found.needs_person else "",
        "notice": str(case.notice) if case else "",
    }


def _marked(found: Outcome) -> list[tuple[str, float]]:
    """The text with the words that decided; where nothing was decided, none did."""
    if found.level != "unsure":
        return found.pieces
    return [("".join(text for text, _weight in found.pieces), 0.0)]


def choices(found: Outcome, under: Terms) -> list[str]:
    """Every label, the likeliest first: what a person may say it should have been."""
    likely = [name for name, _share in found.scores]
    return list(dict.fromkeys([*likely, *sorted(under.labels)]))[:MOST_CHOICES]


def sentence(found: Outcome, under: Terms, contact: str = "") -> str:
    """The same in words, for the API, for reading aloud, and for whoever sees no colours."""
    said = [_unsure(found) if found.level == "unsure" else _sure(found)]
    case = _case(under.use_case)
    if case and found.needs_person:
        said.append(str(case.person_outcome).rstrip(".。") + ".")
    if contact and (found.level == "unsure" or found.needs_person):
        said.append(_("You can reach a person here: %(contact)s") % {"contact": contact})
    if case and case.notice:
        said.append(str(case.notice))
    return "\n\n".join(said)


def _sure(found: Outcome) -> str:
    text = _("%(label)s, %(level)s (%(percent)s).") % {
        "label": found.label[:1].upper() + found.label[1:],
        "level": level_words(found),
        "percent": percent(found.score),
    }
    if found.decided:
        text += " " + _("Decided by: %(words)s.") % {"words": listed(found.decided)}
    return text


def _unsure(found: Outcome) -> str:
    if found.out_of_scope:
        return _("This looks like none of the labels that I know, so I would rather not guess.")
    nearest = _nearest(found)
    if len(nearest) < 2:
        return _("I am not sure about this, so I would rather not guess.")
    return _("I am not sure. It could be %(first)s or %(second)s.") % {"first": nearest[0], "second": nearest[1]}


def level_words(found: Outcome) -> str:
    """How sure it is; what is less likely than not is no more than a perhaps."""
    likely = _("probably") if found.score >= 0.5 else _("perhaps")
    return {"sure": _("quite sure"), "likely": likely, "unsure": _("not sure")}[found.level]


def percent(share: float) -> str:
    """A probability for people: never 0 % and never 100 %, which nothing is."""
    return _("%(number)s %%") % {"number": min(99, max(1, round(100 * share)))}


def for_person(found: Outcome) -> str:
    """Why a person has to look, in the few words of a cell; empty where nobody has to."""
    nearest = listed(_nearest(found))
    if found.out_of_scope:
        return _("Looks like none of the labels. Nearest: %(labels)s") % {"labels": nearest}
    if found.level == "unsure":
        return _("Not sure: %(labels)s") % {"labels": nearest}
    return _("To be looked at whatever the certainty") if found.needs_person else ""


def _nearest(found: Outcome) -> list[str]:
    """The two likeliest labels with their probabilities."""
    return [_("%(label)s (%(percent)s)") % {"label": name, "percent": percent(p)} for name, p in found.scores[:2]]


def reason(found: Outcome) -> str:
    """Why it has this label, in the few words of a cell."""
    words = found.decided
    return (
        ngettext("Decided by the word %(words)s", "Decided by the words %(words)s", len(words))
        % {"words": listed(words)}
        if words
        else ""
    )


def _case(use_case: str) -> UseCase | None:
    try:
        return usecases.get(use_case) if use_case else None
    except KeyError:
        return None


def triages(use_case: str) -> bool:
    """Whether the use case calls a person where one is needed."""
    case = _case(use_case)
    return bool(case and case.person_outcome)
