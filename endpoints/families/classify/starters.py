"""Texts to try a classifier with: the team's own."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from endpoints import manners
from endpoints.starters import spread
from training.ml.classify.report import Report
from training.models import ModelVersion

LOOKED_AT = 400
SEVERAL, SHARE = 4, 0.02
"""Texts, and the share of them, in which a word with a capital stands that is nobody's name."""


def texts_to_try(model: ModelVersion) -> list[str]:
    """Short texts that were held out and got their own label, of several labels and languages. Customers wrote them, and
    visitors read them: what may name somebody is left out."""
    some = list(itertools.islice(_held_out(model), LOOKED_AT))
    usual = _usual([*(text for text, _label in some), *itertools.islice(_learned(model), LOOKED_AT)])
    return spread((text, label) for text, label in some if not _names_somebody(text, usual))


def _words(text: str) -> list[str]:
    return [word.strip(".,;:!?()'\"„“”’-–—") for word in text.split()]


def _usual(texts: Sequence[str]) -> set[str]:
    """Words that are no names: written small somewhere, as names never are, or with a capital in many texts, as nouns of a
    language that gives them one."""
    words = [set(_words(text)) for text in texts]
    small = {word for of_text in words for word in of_text if not word[:1].isupper()}
    large = Counter(word.casefold() for of_text in words for word in of_text if word[:1].isupper())
    least = max(SEVERAL, SHARE * len(texts))
    return small | {word for word, many in large.items() if many >= least}


def _names_somebody(text: str, usual: set[str]) -> bool:
    unknown = (word for word in _words(text) if word[:1].isupper() and len(word) > 1)
    return manners.introduces(text) or any(word.casefold() not in usual for word in unknown)


def _held_out(model: ModelVersion) -> Iterator[tuple[str, str]]:
    """Texts with their labels: of the report, those first that it was right about; else of the test rows."""
    evaluation = model.reported
    measured = evaluation.measured if evaluation else None
    rows = measured.rows if isinstance(measured, Report) else []
    seen = [(row.text, row.truth, row.predicted) for row in rows]
    yield from ((text, truth[0]) for text, truth, said in seen if truth and truth == said)
    yield from ((text, truth[0]) for text, truth, said in seen if truth and truth != said)
    if not seen:
        yield from _rows(model, "test")


def _learned(model: ModelVersion) -> Iterable[str]:
    return (text for text, _label in _rows(model, "train"))


def _rows(model: ModelVersion, side: str) -> Iterator[tuple[str, str]]:
    try:
        with (model.run.dataset.folder / f"{side}.jsonl").open(encoding="utf-8") as lines:
            for line in lines:
                found = json.loads(line)
                yield str(found["text"]), str(found["labels"][0])
    except (OSError, ValueError, KeyError, IndexError):
        return
