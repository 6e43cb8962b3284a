"""What the check page shows: facts, notes, columns, preview, counts and pictures, each ready for the template."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from projects import columns, contacts, families, language, mapping, offers, quality, refusals, rows, unused
from projects.enumerating import listed
from projects.formats import Reading, Talk, formats
from projects.forms import DELIMITERS, ENCODINGS, MappingForm
from projects.mapping import Guess
from projects.models import Dataset
from projects.views import _labels, _remarks

PREVIEW = 20
# Why messages of a conversation are not used.
LEFT_OUT = {
    "system": gettext_lazy("system messages"),
    "media": gettext_lazy("pictures and files"),
    "tool": gettext_lazy("calls of tools"),
    "internal": gettext_lazy("internal notes"),
    "automatic": gettext_lazy("standing lines of a program"),
    "other_answer": gettext_lazy("further answers, ranked lower"),
}
SHOWN_COLUMNS = 12
SHOWN_CONTACTS = 30


def everything(found: Dataset) -> dict[str, object]:
    reading = Reading.from_json(found.reading)
    return {
        "facts": facts(reading, found.report.get("languages", {})),
        "notes": [refusals.sentence(one.code, one.facts) for one in reading.notes],
        **_remarks.of_reading(found, reading.warnings),
        **preview(found, reading),
        **report(found),
    }


def facts(reading: Reading, languages: Mapping[str, float]) -> list[tuple[str, str]]:
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
        (_("Table on the sheet"), reading.table if reading.region is not None else ""),
        *_talk(reading.talk),
        (_("Rows"), number_format(reading.rows) if reading.rows is not None else ""),
        (_("Columns"), number_format(len(reading.columns))),
        _languages(reading, languages),
    ]
    return [(name, value) for name, value in pairs if value]


def _languages(reading: Reading, languages: Mapping[str, float]) -> tuple[str, str]:
    """The language of the file, or all that the rows turned out to be in."""
    many = quality.several_languages(languages)
    if len(many) > 1:
        return _("Languages"), listed(map(language.name_of, many))
    return _("Language"), language.name_of(many[0] if many else reading.language)


def _talk(talk: Talk | None) -> list[tuple[str, str]]:
    """What was understood of conversations: who speaks, who answers, what was left out."""
    if talk is None:
        return []
    left = [f"{LEFT_OUT[why]}: {number_format(many)}" for why, many in talk.left_out.items() if why in LEFT_OUT]
    return [
        (_("Conversation"), str(refusals.FORMS.get(talk.form, talk.form))),
        (_("Messages"), number_format(talk.turns) if talk.turns else ""),
        (_("Questions with an answer"), number_format(talk.pairs) if talk.pairs else ""),
        (_("Speakers"), number_format(len(talk.speakers) + talk.others) if talk.speakers else ""),
        (_("Your team"), listed(talk.team[:5]) or (_("whoever answers") if talk.starter_asks else "")),
        (_("Left out"), listed(left)),
    ]


def preview(found: Dataset, reading: Reading) -> dict[str, object]:
    """The first rows, the columns with a role first."""
    order = {column: place for place, column in enumerate(columns.used(found.mapping))}
    places = sorted(range(len(reading.columns)), key=lambda place: order.get(reading.columns[place].name, len(order)))
    roles = {column: role for role in found.mapping for column in columns.of(found.mapping, role)}
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


def said(problem: str, cells: list[str | None], reading: Reading) -> object:
    """What is wrong with a row, in words."""
    if not problem:
        return ""
    known = {"cells": len(cells), "columns": len(reading.columns), "limit": number_format(200_000)}
    return refusals.problem(problem, known)


def mapped(found: Dataset, form: MappingForm) -> list[dict[str, object]]:
    """Each role with its fields, why that column was guessed, and a text as it is read."""
    reading = Reading.from_json(found.reading)
    shown = []
    for role in found.project.case.roles:
        guess = found.guesses.get(role.name) or {}
        held = columns.of(found.mapping, role.name)
        column = next(iter(held), None)
        reason: object = ""
        if len(held) > 1 and held == guess.get("maybe"):
            reason = _("Each says a part of it, so they are read together.")
        elif guess and guess.get("column") == column and len(held) < 2:
            reason = mapping.reason_sentence(Guess(column, 0, guess["reason"], guess["facts"]))
        elif column:
            reason = _("Chosen by you.")
        elif guess.get("column"):
            reason = _("Not sure. It could be %(column)s. Please choose.") % {"column": guess["column"]}
        if not column and not role.required:
            reason = _("Not needed.")
        fields = [form[name] for name in form.names(role.name)]
        sample = _example(reading, held)
        shown.append({"role": role, "field": fields[0], "also": fields[1:], "reason": reason, "sample": sample})
    return shown


def _example(reading: Reading, held: list[str]) -> str:
    """A text of the first rows; where several columns make it, one that has them all."""
    if len(held) == 1:
        return next(iter(next((one.examples for one in reading.columns if one.name == held[0]), [])), "")
    return columns.example(reading.sample, columns.places({"": held}, reading.names).get("", [])) if held else ""


def joined(found: Dataset) -> list[dict[str, object]]:
    """Texts that are read from several columns, or could be: each with what one press makes of it."""
    reading = Reading.from_json(found.reading)
    offered = {one.id.partition("-")[2]: one for one in offers.of_columns(reading, found.mapping, found.guesses)}
    shown = []
    for role in found.project.case.roles:
        held, guess = columns.of(found.mapping, role.name), found.guesses.get(role.name) or {}
        if one := offered.get(role.name):
            shown.append({"role": role, "offer": one, "example": one.examples[0]})
        elif len(held) > 1 and held == guess.get("maybe"):
            shown.append({"role": role, "columns": " + ".join(held), "alone": guess["column"]})
    return shown


def left_over(found: Dataset) -> list[tuple[str, str]]:
    """The columns that play no part, each with the reason."""
    names = Reading.from_json(found.reading).names
    return list(unused.among(names, columns.used(found.mapping), found.guesses.get(unused.KEY, {})).items())


def report(found: Dataset) -> dict[str, object]:
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
            "options": [(option, flag.called(option)) for option in flag.choices],
            "example": copied(found) if name == "duplicate" else "",
        }
        for name, flag in families.of_project(found.project).FLAGS.items()
        if told.flags.get(name) and name not in hidden
    ]
    return {
        "report": told,
        "kept": kept,
        "dropped": dropped,
        "share": kept / told.rows if told.rows else 0,
        "findings": findings,
        "undoable": len(found.history),
        "said": _remarks.of_report(
            found, [one for one in told.warnings if one[0] not in ("few_kept", "public_contacts")]
        ),
        **_contacts(found),
        "contradictions": families.of_project(found.project).contradictions(found),
        "few": _remarks.few(found, "" if labels.get("labels", {}).get("none") else few(kept)),
        "apart": told.rows - kept - dropped,
        **labels,
        **pictures(found, told),
    }


def copied(found: Dataset) -> str:
    """The first row that says the same as one further up, for an example."""
    family = families.of_project(found.project)
    for row in family.behind(found, "duplicate", 0, 1):
        for line in family.copies(found, [row.n]).values():
            told = {"line": number_format(row.line), "other": number_format(line)}
            return _("Line %(line)s says the same as line %(other)s.") % told
    return ""


def _contacts(found: Dataset) -> dict[str, object]:
    """What stands in the answers, each with its choice, and in how many of them somebody would read a mask."""
    many, masked = contacts.counted(found.rows_file, found.choices)
    said = ngettext(
        "%(n)s answer would go out with a word such as [phone] in it. Keep the value if it is your own.",
        "%(n)s answers would go out with words such as [phone] in them. Keep the values that are your own.",
        masked,
    ) % {"n": number_format(masked)}
    shown = contacts.listed(found.rows_file, found.choices, SHOWN_CONTACTS) if many else []
    return {
        "contacts": [(one, contacts.KINDS.get(one.kind, one.kind)) for one in shown],
        "contacts_more": many - len(shown),
        "masked_answers": said if masked else "",
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


def pictures(found: Dataset, told: quality.QualityReport) -> dict[str, object]:
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
    top = [(text[:160], many) for text, many in told.top[:5] if many > 1]
    drawn = max((sum(many for _b, _e, many in bars) for bars in told.lengths.values()), default=0)
    return {
        "drawn": _drawn(drawn) if drawn != told.kept else "",
        "lengths": lengths,
        "top": top,
        "top_most": top[0][1] if top else 0,
        "languages": [(language.name_of(code), share) for code, share in told.languages.items()],
    }


def _drawn(rows: int) -> str:
    return ngettext(
        "These pictures count %(n)s row that is not empty, also where it is left out.",
        "These pictures count all %(n)s rows that are not empty, also those that are left out.",
        rows,
    ) % {"n": number_format(rows)}


def _span(begin: int, end: int) -> str:
    if end >= 10**9:
        return _("%(n)s and more") % {"n": number_format(begin)}
    # A bucket ends before the next one begins: a text of 10 characters stands in the second of 0-9 and 10-19.
    return _("%(begin)s to %(end)s") % {"begin": number_format(begin), "end": number_format(end - 1)}


def result(found: Dataset) -> dict[str, object]:
    """A ready dataset: what was kept, on which side it lies, and why the rest was left out."""
    counts = found.amounts
    reading = Reading.from_json(found.reading)
    flags = quality.FLAGS
    parts = [
        (_("for training"), counts.train or 0),
        (_("to check while training"), counts.validation),
        (_("for the final test"), counts.test or 0),
    ]
    return {
        "facts": facts(reading, found.report.get("languages", {})),
        "sides": [
            *(parts if counts.kept else []),
            *([(_("without a label"), counts.unlabelled)] if counts.unlabelled else []),
        ],
        "reasons": [
            (flags[name].title if name in flags else _("Stands in the test data"), many)
            for name, many in counts.reasons.items()
        ],
        "few": _remarks.few(found, few(counts.kept) if counts.kept or not counts.unlabelled else ""),
        **_labels.result(found),
        **(preview(found, reading) if found.rows_file.exists() else {}),
    }


def _at(cells: list[str | None], place: int) -> str:
    return (cells[place] if place < len(cells) else "") or ""
