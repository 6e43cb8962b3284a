"""Why a column plays no part: what somebody brought is never dropped without a word."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from projects.contents import Content

KEY = "columns"  # beside the guesses of a dataset: column → what it is
MOST = 0.6  # share of the cells that makes a column what it is
SPARE = "spare"

REASONS: dict[str, str | Promise] = {
    "empty": _("nothing stands in it"),
    "constant": _("the same in every row"),
    "date": _("a date"),
    "link": _("a link"),
    "row_number": _("a row number"),
    "code": _("a number, code or address of its own for each row"),
    "json": _("data of a program"),
    SPARE: _("not needed here"),
}


def of(content: Content) -> str:
    """What a column is that hardly anything is learned from; "spare" where it is none of these."""
    found = {
        "empty": not content.many,
        "constant": content.constant,
        "date": content.dates >= MOST or content.moments >= MOST,
        "link": content.links >= MOST,
        "row_number": content.counts_up and content.distinct > 0.9,
        "json": content.json >= MOST,
        "code": content.codes >= 0.9 and content.unique,
    }
    return next((code for code, true in found.items() if true), SPARE)


def reason(code: str) -> str:
    """The words for a code."""
    return str(REASONS.get(code, REASONS[SPARE]))


def among(names: list[str], used: list[str], what: Mapping[str, str]) -> dict[str, str]:
    """The columns without a part, each with the reason."""
    return {name: reason(what.get(name, SPARE)) for name in names if name not in used and name in what}
