"""What the check page shows: facts, notes, columns, preview, counts and pictures, each ready for the template."""

from __future__ import annotations

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from projects import families, mapping, quality, refusals, rows
from projects.formats import Reading, formats
from projects.forms import DELIMITERS, ENCODINGS, MappingForm
from projects.mapping import Guess
from projects.models import Dataset
from projects.views import _labels

PREVIEW = 20
SHOWN_COLUMNS = 12


def everything(found: Dataset) -> dict[str, Any]:
    reading = Reading.from_json(found.reading)
    return {
        "facts": facts(reading),
        "notes": [refusals.sentence(one.code, one.facts) for one in reading.notes],
        "warnings": [refusals.sentence(one.code, one.facts) for one in reading.warnings],
        "offers": [name for name in reading.offers if not found.overrides.get(name)],
        **preview(found, reading),
        **report(found),
    }


def facts(reading: Reading) -> list[tuple[str, str]]:
    """What the file was understood to be, as (what, value) pairs."""
    titles = {one.slug: str(one.title) for one in formats()}
    delimiters = {sign: str(name) for sign, name in DELIMITERS}
    encodings = {code: str(name) for code, name in ENCODINGS}
    pairs = [
        (_("Format"), titles.get(reading.format, reading.format)),
        (_("Packed in"), titles.get(reading.packed, reading.packed)),
        (_("File in it"), reading.member if reading.packed == "zip" else ""),
        (_("Characters"), encodings.get(reading.encoding, reading.encoding)),
        (_("Between columns"), delimiters.get(reading.delimiter, reading.delimiter)),
        (_("Sheet"), reading.sheet),
        (_("Rows"), number_format(reading.rows) if reading.rows is not None else ""),
        (_("Columns"), number_format(len(reading.columns))),
        (_("Language"), language_name(reading.language)),
    ]
    return [(name, value) for name, value in pairs if value]


def language_name(code: str) -> str:
    if not code or code == "other":
        return _("Another language") if code else ""
    try:
        return str(get_language_info({"zh": "zh-hans"}.get(code, code))["name_translated"])
    except KeyError:
        return code


def preview(found: Dataset, reading: Reading) -> dict[str, Any]:
    """The first rows, the columns with a role first."""
    order = {column: place for place, column in enumerate(name for name in found.mapping.values() if name)}
    places = sorted(range(len(reading.columns)), key=lambda place: order.get(reading.columns[place].name, len(order)))
    roles = {column: role for role, column in found.mapping.items() if column}
    titles = {role.name: role.title for role in found.project.case.roles}
    shown = places[:SHOWN_COLUMNS]
    head = [
        {"name": reading.columns[place].name, "role": titles.get(roles.get(reading.columns[place].name, ""), "")}
        for place in shown
    ]
    body = [
        {"line": line, "cells": [_at(cells, place) for place in shown], "problem": said(problem, cells, reading)}
        for _n, line, cells, problem in rows.page(found.rows_file, 0, PREVIEW)
    ]
    return {"head": head, "body": body, "hidden_columns": len(places) - len(shown)}


def said(problem: str, cells: list[str | None], reading: Reading) -> Any:
    """What is wrong with a row, in words."""
    if not problem:
        return ""
    known = {"cells": len(cells), "columns": len(reading.columns), "limit": number_format(200_000)}
    return refusals.problem(problem, known)


def mapped(found: Dataset, form: MappingForm) -> list[dict[str, Any]]:
    """Each role with its field, why that column was guessed, and a cell of it."""
    reading = Reading.from_json(found.reading)
    examples = {column.name: column.examples for column in reading.columns}
    shown = []
    for role in found.project.case.roles:
        guess = found.guesses.get(role.name) or {}
        column = found.mapping.get(role.name)
        reason: object = ""
        if guess and guess.get("column") == column:
            reason = mapping.reason_sentence(Guess(column, 0, guess["reason"], guess["facts"]))
        elif column:
            reason = _("Chosen by you.")
        if not column and not role.required:
            reason = _("Not needed.")
        sample = next(iter(examples.get(column or "", [])), "")
        shown.append({"role": role, "field": form[role.name], "reason": reason, "sample": sample})
    return shown


def report(found: Dataset) -> dict[str, Any]:
    """The counts under the choices of now, with what can be chosen and undone."""
    if not found.report:
        return {"report": None}
    told = quality.QualityReport.from_json(found.report)
    kept, dropped = quality.counts(found.rows_file, found.choices)
    choices = quality.chosen(found.choices)
    labels = _labels.context(found)
    hidden = _labels.HIDDEN if labels else ()
    findings = [
        {
            "flag": flag,
            "count": told.flags[name],
            "choice": choices[name],
            "options": [(option, quality.CHOICES[option]) for option in flag.choices],
        }
        for name, flag in families.of(found.project.case.family).FLAGS.items()
        if told.flags.get(name) and name not in hidden
    ]
    return {
        "report": told,
        "kept": kept,
        "dropped": dropped,
        "share": kept / told.rows if told.rows else 0,
        "findings": findings,
        "undoable": len(found.history),
        "said": [
            ("info" if code == "public_contacts" else "warn", quality.warning_sentence(code, facts))
            for code, facts in told.warnings
            if code != "few_kept"
        ],
        "few": few(kept),
        "apart": told.rows - kept - dropped,
        **labels,
        **pictures(found, told),
    }


def few(kept: int) -> str:
    if kept >= 100:
        return ""
    text = ngettext(
        "Only %(n)s row is left to learn from. A few hundred work much better.",
        "Only %(n)s rows are left to learn from. A few hundred work much better.",
        kept,
    )
    return text % {"n": number_format(kept)}


def pictures(found: Dataset, told: quality.QualityReport) -> dict[str, Any]:
    titles = {role.name: role.title for role in found.project.case.roles}
    lengths = [
        {
            "title": titles.get(role, role),
            "bars": [(_span(begin, end), many) for begin, end, many in bars],
            "most": max(many for _b, _e, many in bars),
        }
        for role, bars in told.lengths.items()
        if bars
    ]
    top = [(text[:160], many) for text, many in told.top[:5]] if told.top and told.top[0][1] > 1 else []
    return {
        "lengths": lengths,
        "top": top,
        "top_most": top[0][1] if top else 0,
        "languages": [(language_name(code), share) for code, share in told.languages.items()],
    }


def _span(begin: int, end: int) -> str:
    if end >= 10**9:
        return _("%(n)s and more") % {"n": number_format(begin)}
    return _("%(begin)s to %(end)s") % {"begin": number_format(begin), "end": number_format(end)}


def result(found: Dataset) -> dict[str, Any]:
    """A ready dataset: what was kept, on which side it lies, and why the rest was left out."""
    counts = found.counts
    reading = Reading.from_json(found.reading)
    flags = quality.FLAGS
    return {
        "facts": facts(reading),
        "sides": [
            (_("for training"), counts.get("train", 0)),
            (_("to check while training"), counts.get("validation", 0)),
            (_("for the final test"), counts.get("test", 0)),
            *([(_("without a label"), counts["unlabelled"])] if counts.get("unlabelled") else []),
        ],
        "reasons": [
            (flags[name].title if name in flags else _("Stands in the test data"), many)
            for name, many in counts.get("reasons", {}).items()
        ],
        "few": few(counts.get("kept", 0)),
        **_labels.result(found),
        **(preview(found, reading) if found.rows_file.exists() else {}),
    }


def _at(cells: list[str | None], place: int) -> str:
    return (cells[place] if place < len(cells) else "") or ""
