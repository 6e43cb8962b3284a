"""What could be done about the labels: spellings that mean the same, stars and numbers that mean a class, separators."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects import accents
from projects import labelwords as words
from projects.labels.names import LIST, Decisions, fold, listed, parts

MOST = 500  # labels; with more of them the column is no label
SIGNS = (";", "|", ",", "；", "，", "、", "/")
RARE = 5  # a label with fewer rows can hardly be learned
NUMBERS: dict[tuple[float, ...], tuple[str, ...]] = {
    (0, 1): ("negative", "positive"),
    (1, 2): ("negative", "positive"),
    (-1, 1): ("negative", "positive"),
    (0, 4): ("negative", "positive"),
    (-1, 0, 1): ("negative", "neutral", "positive"),
    (0, 1, 2): ("negative", "neutral", "positive"),
    (0, 2, 4): ("negative", "neutral", "positive"),
}


def of_stars(many: float) -> str:
    """Up to two and a half are a complaint, four and more are praise."""
    return "negative" if many < 3 else "neutral" if many < 4 else "positive"


KINDS: dict[str, str | Promise] = {
    "merge": gettext_lazy("These look like the same label"),
    "stars": gettext_lazy("These look like stars"),
    "numbers": gettext_lazy("These numbers look like feelings"),
    "split": gettext_lazy("Some cells hold several labels"),
    "columns": gettext_lazy("Several columns look like labels"),
}


@dataclass(frozen=True)
class Suggestion:
    """Something to accept or decline with one click."""

    kind: str  # merge, stars, numbers, split or columns
    changes: tuple[tuple[str, int, str], ...]  # (label of now, its rows, label afterwards); for split: examples
    sign: str = ""

    @property
    def id(self) -> str:
        said = "\0".join([self.kind, self.sign, *(f"{old}>{new}" for old, _many, new in sorted(self.changes))])
        return f"{self.kind}-{hashlib.sha256(said.encode()).hexdigest()[:12]}"

    @property
    def title(self) -> str | Promise:
        return KINDS[self.kind]


def suggest(cells: Mapping[str, int], decisions: Decisions, feelings: bool) -> list[Suggestion]:
    """What is offered for these label cells (cell → rows). FEELINGS: the labels say how a text sounds."""
    shown = shown_labels(cells, decisions)
    if len(shown) > MOST:
        return []
    found = [*_separators(cells, decisions), *(_stars(shown, feelings) or _numbers(shown, feelings))]
    taken = {old for one in found if one.kind != "split" for old, _many, _new in one.changes}
    found += _merges({name: many for name, many in shown.items() if name not in taken})
    return [one for one in found if one.id not in decisions.declined]


def shown_labels(cells: Mapping[str, int], decisions: Decisions) -> Counter[str]:
    """Label as shown → rows."""
    shown: Counter[str] = Counter()
    for cell, many in cells.items():
        for name in decisions.labels(cell):
            shown[name] += many
    return shown


def about(one: Suggestion) -> str:
    """What taking it would mean, in words."""
    sign = {"sign": one.sign}
    return {
        "merge": _("Merged, they count as one label."),
        "stars": _("As classes they are easier to learn and to read. Choose what to make of them."),
        "numbers": _("Names are easier to read than numbers."),
        "columns": _("Taken together, a text can have several labels. The rows are looked at again."),
        "split": _("Taken apart at “%(sign)s”, a text can have several labels.") % sign,
    }[one.kind]


def feeling_name(name: str) -> str:
    """negative, neutral or positive in the language of the person who looks."""
    return {"negative": _("negative"), "neutral": _("neutral"), "positive": _("positive")}[name]


# Several labels in a cell ---------------------------------------------------------------------------------


def _separators(cells: Mapping[str, int], decisions: Decisions) -> list[Suggestion]:
    if decisions.split:
        return []
    lists = {cell: many for cell, many in cells.items() if listed(cell) is not None}
    if lists and (sum(lists.values()) >= 0.9 * sum(cells.values()) or _recur_in_lists(cells, lists)):
        examples = sorted(lists.items(), key=lambda one: (-len(parts(one[0], LIST)), -one[1]))[:4]
        return [Suggestion("split", tuple((cell, many, "") for cell, many in examples), LIST)]
    for sign in SIGNS:
        several = {cell: many for cell, many in cells.items() if sign in cell and len(parts(cell, sign)) > 1}
        if several and _recur(cells, several, sign):
            examples = sorted(several.items(), key=lambda one: -one[1])[:4]
            return [Suggestion("split", tuple((cell, many, "") for cell, many in examples), sign)]
    return []


def _recur_in_lists(cells: Mapping[str, int], lists: Mapping[str, int]) -> bool:
    """Whether what stands in the lists also stands alone in other cells: several as a list, one as a word."""
    inside = {fold(part) for cell in lists for part in parts(cell, LIST)}
    alone = {fold(cell) for cell in cells if cell not in lists}
    return len(inside & alone) >= 0.5 * len(inside)


def _recur(cells: Mapping[str, int], several: Mapping[str, int], sign: str) -> bool:
    """Whether most parts of the cells with the sign stand in other cells as well."""
    seen: Counter[str] = Counter()
    for cell, many in cells.items():
        for part in parts(cell, sign):
            seen[fold(part)] += many
    used = {fold(part) for cell in several for part in parts(cell, sign)}
    if any(len(part) > 40 for part in used):
        return False
    elsewhere = {fold(part) for cell in cells if cell not in several for part in parts(cell, sign)}
    # "Cards, payments" in many rows is one label with a comma in it: its parts stand nowhere else.
    combined = Counter(fold(part) for cell in several for part in parts(cell, sign))
    again = [part for part in used if seen[part] > 1 and (part in elsewhere or combined[part] > 1)]
    return len(again) >= 0.6 * len(used) and sum(several.values()) >= 2


# Numbers --------------------------------------------------------------------------------------------------


def _stars(shown: Mapping[str, int], feelings: bool) -> list[Suggestion]:
    read = _of_ten(shown) or {label: words.stars(label) for label in shown}
    fits = {label: many for label, (many, _said) in read.items() if many}
    total = sum(shown.values())
    said = any(drawn for _many, drawn in read.values())
    if len(set(fits.values())) < 3 or sum(shown[label] for label in fits) < 0.9 * total or not (said or feelings):
        return []
    if not said and max(fits.values()) < 4:
        return []  # 1, 2 and 3 can be any classes
    changes = [(label, shown[label], feeling_name(of_stars(many))) for label, many in fits.items()]
    return [Suggestion("stars", tuple(sorted(changes, key=lambda one: (fits[one[0]], one[0]))))]


def _of_ten(shown: Mapping[str, int]) -> dict[str, tuple[float, bool]]:
    """Marks from 0 or 1 to 10 as stars."""
    if not all(label.isdecimal() and len(label) < 4 and int(label) <= 10 for label in shown) or len(shown) < 6:
        return {}
    return {label: (max(0.5, int(label) / 2), False) for label in shown} if max(map(int, shown)) > 5 else {}


def _numbers(shown: Mapping[str, int], feelings: bool) -> list[Suggestion]:
    if not feelings:
        return []
    try:
        values = {label: float(label.replace(",", ".").replace("\u2212", "-")) for label in shown}
    except ValueError:
        return []
    order = tuple(sorted(set(values.values())))
    if order not in NUMBERS:
        return []
    names = dict(zip(order, NUMBERS[order], strict=True))
    changes = [(label, shown[label], feeling_name(names[value])) for label, value in values.items()]
    return [Suggestion("numbers", tuple(sorted(changes, key=lambda one: (values[one[0]], one[0]))))]


# Spellings ------------------------------------------------------------------------------------------------


def _merges(shown: Mapping[str, int]) -> list[Suggestion]:
    """Groups of labels that mean the same, the largest first; the most frequent spelling names the group."""
    groups: dict[str, set[str]] = {}
    for one, other in _alike(shown):
        joined = groups.get(one, {one}) | groups.get(other, {other})
        groups |= dict.fromkeys(joined, joined)
    found = []
    for members in {frozenset(group) for group in groups.values()}:
        # Of two that are as frequent, the one without a full stop or the like names the group.
        target = max(
            members,
            key=lambda name: (
                not name.isdecimal(),
                unicodedata.is_normalized("NFKC", name),
                shown[name],
                name[-1].isalnum(),
                name,
            ),
        )
        order = sorted(members - {target}, key=lambda name: (-shown[name], name))
        found.append(Suggestion("merge", tuple((name, shown[name], target) for name in (target, *order))))
    return sorted(found, key=lambda one: (-one.changes[0][1], one.changes[0][0]))


def _alike(shown: Mapping[str, int]) -> Iterable[tuple[str, str]]:
    """Pairs of labels that mean the same."""
    folded = {label: fold(label) for label in shown}
    yield from _same(shown, folded)
    yield from _same(shown, {label: accents.without(plain) for label, plain in folded.items()})
    yield from _same(shown, {label: accents.typed(plain) for label, plain in folded.items()})
    truths = {label: words.truth(plain) for label, plain in folded.items()}
    # A 1 among other classes is no yes.
    if sum(many for label, many in shown.items() if truths[label]) >= 0.95 * sum(shown.values()):
        yield from _same(shown, truths)
    yield from _same(shown, {label: words.feeling(plain) for label, plain in folded.items()})
    often = sorted(shown, key=lambda label: -shown[label])
    for place, label in enumerate(often):
        for target in often[:place]:
            if shown[label] * 10 <= shown[target] and slip(folded[label], folded[target]):
                yield label, target
                break


def _same(shown: Mapping[str, int], keys: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    first: dict[str, str] = {}
    for label in shown:
        if key := keys[label]:
            if key in first:
                yield first[key], label
            first.setdefault(key, label)


def slip(one: str, other: str) -> bool:
    """Whether two words differ by one slip of the finger: a letter more, less, another, or two changed round."""
    if one[:1] != other[:1] or min(len(one), len(other)) < 5 or abs(len(one) - len(other)) > 1:
        return False
    if not (one + other).isascii() or any(char.isdigit() for char in one + other) or one == other:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def rare(shown: Mapping[str, int], decisions: Decisions) -> list[tuple[str, int]]:
    """Labels with too few rows to learn that nobody decided to keep, the rarest first."""
    found = [(label, many) for label, many in shown.items() if many < RARE and label not in decisions.kept]
    return sorted(found, key=lambda one: (one[1], one[0]))


def find(suggestions: Sequence[Suggestion], wanted: str) -> list[Suggestion]:
    """The suggestion of that id; with "all" every one about labels. Other columns are a decision of their own."""
    return [one for one in suggestions if wanted == one.id or (wanted == "all" and one.kind != "columns")]
