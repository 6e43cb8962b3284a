"""Warnings of the check page, each with the buttons that cure it: another reading, other columns, other data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects import offers, quality, refusals
from projects.formats import Finding, Reading
from projects.interactions.words import Thin
from projects.models import Dataset

# Warning of the reading → the other reading that is offered for it.
OTHERS = ("several_sheets", "several_tables", "several_lists", "tables_on_sheet")
OFFERED = {
    "rest_is_text": "rest_is_text",
    "several_sheets": "all_sheets",
    "hidden_rows": "without_hidden",
    "tables_on_sheet": "all_tables",
}
# Warning → what was chosen and can be taken back, and the words of the button.
CHOSEN: dict[str, tuple[str, str | Promise]] = {
    "hidden_rows_left_out": ("without_hidden", gettext_lazy("Read the hidden rows too")),
}
# Warning → the flags of its rows, which are decided about further down.
ROWS = {
    "ragged": ("too_many_cells", "too_few_cells"),
    "bad_bytes": ("bad_bytes",),
    "quote_left_open": ("open_quote",),
}
# Of a log of who took what.
LOG_COLUMNS = ("no_time", "time_unread", "many_kinds")
LOG_DATA = ("too_little", "few_people", "thin_people")
ITEMS = {"once_untitled": gettext_lazy("Add a table of your items"), "once_titled": gettext_lazy("Look at your items")}
HOW = ("bad_bytes", "quote_left_open", "one_column", "team_unsure")
COLUMNS = ("same_answer", "all_same", "like_ids", "one_label", "label_ids", "odd_cells", *LOG_COLUMNS)
DATA = (
    "json_stops", "no_rows", "few_rows", "formulas_without_results", "signs_lost",
    "same_answer", "all_same", "one_label", "one_label_rules", "few_kept", *LOG_DATA,
)  # fmt: skip
ICONS = {"info": "info", "warn": "triangle-alert", "bad": "circle-alert"}
TO_KNOW = ("many_languages",)
"""What is right as it is, and only good to know."""
MOST = 4


@dataclass(frozen=True)
class Cure:
    """A button: a link, or a field of the form that says how the file is read."""

    title: str | Promise
    url: str = ""
    field: str = ""
    value: str = ""


@dataclass(frozen=True)
class Remark:
    text: str | Promise
    cures: Sequence[Cure] = ()
    kind: str = "warn"

    @property
    def icon(self) -> str:
        return ICONS[self.kind]


def of_reading(found: Dataset, warnings: Sequence[Finding]) -> dict[str, object]:
    """The warnings about how the file was read; what is offered beyond them stands under them."""
    reading = Reading.from_json(found.reading)
    said = [
        Remark(refusals.sentence(one.code, one.facts), [*_readings(found, reading, one.code), *_links(found, one.code)])
        for one in warnings
    ]
    taken = {(cure.field, cure.value) for remark in said for cure in remark.cures if cure.field}
    return {
        "warnings": said,
        "offers": [one for one in offers.of_reading(reading, found.overrides) if ("offer", one.id) not in taken],
        "elsewhere": [_instead(*pair) for pair in offers.elsewhere(reading) if pair not in taken],
    }


def of_report(found: Dataset, warnings: Sequence[tuple[str, Mapping[str, object]]]) -> list[Remark]:
    """What the rows themselves give cause to say."""
    return [
        Remark(quality.warning_sentence(code, facts), _links(found, code), "info" if code in TO_KNOW else "warn")
        for code, facts in warnings
    ]


def of_log(found: Dataset, said: Sequence[Thin]) -> list[Remark]:
    """What is thin in a log of who took what."""
    return [Remark(one.text, _links(found, one.code), one.kind) for one in said]


def few(found: Dataset, text: str) -> Remark | None:
    return Remark(text, _links(found, "few_kept")) if text else None


def _readings(found: Dataset, reading: Reading, code: str) -> list[Cure]:
    """Other readings of the file that end what is said."""
    cures = [
        Cure(one.title, field="offer", value=one.id)
        for one in offers.of_reading(reading, found.overrides)
        if one.id == OFFERED.get(code)
    ]
    if code in CHOSEN and found.overrides.get(CHOSEN[code][0]):
        name, title = CHOSEN[code]
        cures.append(Cure(title, field="take_back", value=name))
    return cures + [_instead(field, name) for field, name in _others(reading, code)[:MOST]]


def _instead(field: str, name: str) -> Cure:
    """Another part of the file that could be meant."""
    title = _("Read table %(name)s instead") if field == "table" else _("Read “%(name)s” instead")
    return Cure(title % {"name": name[:80]}, field=field, value=name)


def _others(reading: Reading, code: str) -> list[tuple[str, str]]:
    """Other parts of the file that could be meant, each with the field that picks it."""
    if code in OTHERS:
        mine = code == "tables_on_sheet"
        return [pair for pair in offers.elsewhere(reading) if (pair[0] == "table") == mine]
    if code == "hidden_sheets" and len(reading.sheets) > 1:
        return [("sheet", one.name) for one in reading.sheets if one.rows and one.hidden and one.name != reading.sheet]
    if code == "members_left":
        known = {reading.member, *reading.joined}
        return [("member", one.name) for one in reading.members if one.name not in known]
    return []


def _links(found: Dataset, code: str) -> list[Cure]:
    """Places where it can be mended."""
    flags = found.report.get("flags") or {}
    cures = [
        Cure(_("Decide about these rows"), url=f"#finding-{name}") for name in ROWS.get(code, ()) if flags.get(name)
    ][:1]
    open_still = found.state == Dataset.State.CHECKING
    if code in HOW and open_still:
        cures.append(Cure(_("Say how to read it"), url="#how-to-read"))
    if code in COLUMNS and open_still:
        cures.append(Cure(_("Choose other columns"), url="#columns"))
    if code == "public_contacts":
        cures.append(Cure(_("Decide about them"), url="#contacts"))
    if code == "mask_tokens":
        rows = reverse("projects:all_rows", args=[found.pk])
        cures.append(Cure(_("See and edit these rows"), url=f"{rows}?q=%5B"))
    if code in ITEMS and (code == "once_untitled" or open_still):
        cures.append(Cure(ITEMS[code], url="#items"))
    if code in (*HOW, *COLUMNS) and found.state == Dataset.State.READY:
        cures.append(Cure(_("Read the file another way"), url="#again"))
    if code in DATA or (code in COLUMNS and not open_still):
        cures.append(Cure(_("Add other data"), url=reverse("projects:data", args=[found.project_id])))
    return cures
