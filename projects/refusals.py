"""The words for everything a reader finds: why a file is refused, what is noted, what is wrong with a row."""

from __future__ import annotations

from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from projects.errors import UserError

Text = str | Promise
_NOTHING_CHANGED = _("Nothing was changed.")
_SAVE_AGAIN = _("Open it in the program it came from, save it again and upload it again.")
_SAVE_AS = _("Open it in a spreadsheet program, save it as XLSX or CSV, and upload that.")

REFUSALS: dict[str, tuple[Text, Text]] = {
    "empty_file": (_("The file is empty."), _("Choose a file that has rows in it.")),
    "no_data": (_("There are no rows in this file."), _("Choose a file with a header row and at least one row below.")),
    "too_little": (
        _("There is too little in this file to make a table of it."),
        _("Choose a file with a header row and at least one row below."),
    ),
    "no_rows": (
        _("The file has a header but no rows below it."),
        _("Choose a file that has rows in it."),
    ),
    "picture": (_("This is a picture, not a table."), _("Choose a CSV, Excel, JSON or Parquet file.")),
    "pdf": (_("This is a PDF document, not a table."), _("Choose the spreadsheet it was made from.")),
    "document": (
        _("This is a text document, not a table."),
        _("Copy the table into a spreadsheet, save it as XLSX, and upload that."),
    ),
    "web_page": (
        _("This is a web page saved under the name of a spreadsheet (many reporting tools do that)."),
        _SAVE_AS,
    ),
    "xml": (_("This is an XML file, which is not read."), _SAVE_AS),
    "archive": (
        _("This kind of archive is not opened."),
        _("Unpack it and upload the table inside, or pack it as ZIP."),
    ),
    "media": (_("This is a sound or video file, not a table."), _("Choose a CSV, Excel, JSON or Parquet file.")),
    "program": (_("This is a program or a database, not a table."), _("Export the table as CSV and upload that.")),
    "unknown_format": (
        _("It is not clear what kind of file this is: it is no text, no workbook, no JSON and no Parquet."),
        _("Choose a CSV, Excel, JSON or Parquet file."),
    ),
    "mixed_encodings": (
        _(
            "The file is written in two different encodings: from line %(line)s on, the text does not fit the beginning."
        ),
        _("It was probably glued together from two files. Upload the two parts one by one."),
    ),
    "no_encoding": (
        _("The encoding %(encoding)s does not fit this file."),
        _("Pick another encoding."),
    ),
    "cut_off": (_("The file is damaged: its end is missing or broken."), _("Upload it again from the original.")),
    "broken_archive": (_("The archive is damaged and cannot be unpacked."), _("Pack it again and upload it again.")),
    "broken_workbook": (_("The workbook is damaged or holds parts that are not safe to open."), _SAVE_AGAIN),
    "password": (_("The file is protected with a password."), _("Save it without a password and upload that.")),
    "bomb": (
        _("The file unpacks to %(ratio)s times its size, which no real table does. Reading was stopped."),
        _("Unpack it yourself and upload the table inside."),
    ),
    "unpacks_too_big": (
        _("The file unpacks to more than this studio reads (%(limit)s bytes)."),
        _("Split it into smaller files."),
    ),
    "too_many_members": (
        _("The archive has %(count)s files in it; %(limit)s are taken at most."),
        _("Put all rows into one file and upload that."),
    ),
    "empty_archive": (_("There is no table in the archive."), _("Pack a CSV or Excel file and upload that.")),
    "nested_archive": (
        _("There is an archive inside the archive (%(name)s), which is not opened."),
        _("Unpack it and upload the table inside."),
    ),
    "climbing_path": (
        _("The archive holds a name that points outside of it (%(name)s), so it is not opened."),
        _("Pack the table again and upload that, or upload it unpacked."),
    ),
    "no_such_sheet": (_("There is no sheet called %(sheet)s."), _("Pick one of the sheets of this file.")),
    "no_such_member": (_("There is no file called %(member)s in the archive."), _("Pick one of the files in it.")),
    "too_many_rows": (
        _("The file has more than %(limit)s rows, which is the most this studio reads."),
        _("Upload a part of it."),
    ),
    "too_many_columns": (
        _("The file has %(count)s columns; %(limit)s are read at most."),
        _("Delete the columns that are not needed and upload it again."),
    ),
    "long_line": (
        _("Line %(line)s is longer than %(limit)s characters, so this is probably no table."),
        _("Check that each row stands on a line of its own."),
    ),
    "too_deep": (
        _("The JSON in this file is nested more than %(limit)s levels deep."),
        _("Export a flat list of records, one for each row."),
    ),
    "no_records": (
        _("The JSON in this file holds no list of records."),
        _('Export a list such as [{"question": "...", "answer": "..."}].'),
    ),
    "out_of_memory": (
        _("The file needs more memory to read than is allowed for one file."),
        _("Save it as CSV, which is read piece by piece, or split it."),
    ),
    "disk_full": (
        _("There is not enough space on the disk to store the rows."),
        _("Tell whoever runs the studio, then try again."),
    ),
    "too_slow": (_("Reading took too long and was stopped."), _("Split the file into smaller ones.")),
    "reader_died": (_("The file made the reader stop. It is probably damaged."), _SAVE_AS),
}

NOTES: dict[str, Text] = {
    "encoding_guessed": _("The encoding was guessed: %(encoding)s. Look whether the text below reads well."),
    "bad_bytes": _(
        "Some characters cannot be decoded. The rows they stand in are listed and left out unless you keep them."
    ),
    "sep_line": _("The first line only names the delimiter and is not data."),
    "title_rows": _("Lines above the header that are not data: %(count)s."),
    "no_header": _("The first row is data already, so the columns were given names."),
    "headers_alike": _("Some columns have the same or no name, so they were given names of their own."),
    "one_column": _("There is only one column."),
    "many_columns": _("There are %(count)s columns. You only need to pick the ones that matter."),
    "empty_rows": _("Empty rows left out: %(count)s."),
    "nul_characters": _("Zero characters taken out: %(count)s."),
    "missing_words": _("Words that count as empty: %(words)s."),
    "odd_cells": _("Cells in %(column)s that are not like the others there: %(count)s in the sample."),
    "decimal_comma": _("Numbers in %(columns)s have a decimal comma."),
    "day_first": _("Dates in %(columns)s start with the day."),
    "month_first": _("Dates in %(columns)s start with the month."),
    "several_sheets": _(
        "There are %(count)s sheets with data. %(sheet)s is read; pick another if that is not the one."
    ),
    "hidden_sheets": _("Hidden sheets: %(sheets)s. They are not read unless you pick one."),
    "several_members": _("The archive has %(count)s tables. %(member)s is read; pick another if that is not the one."),
    "chat_form": _("Each record is a conversation (%(key)s). Its first question and answer are taken."),
    "long_chats": _("Some conversations have more than one answer. What comes after the first answer is not used."),
    "json_stops": _("The JSON is broken at record %(record)s, and what comes after it cannot be read."),
    "rest_is_text": _(
        "Many rows have more cells than the header, probably because the text has commas without quotes."
    ),
    "ragged": _("Rows with more or fewer cells than the header: %(count)s in the sample, the first in line %(line)s."),
    "no_rows": _("There are no rows below the header."),
    "few_rows": _("There are only %(count)s rows."),
    "new_columns": _("Records further down have fields that the first ones do not have."),
    "other_ending": _("The name ends in .%(ending)s, but the content is something else. It is read as what it is."),
}

PROBLEMS: dict[str, Text] = {
    "too_many_cells": _("The row has %(cells)s cells, the header has %(columns)s."),
    "too_few_cells": _("The row has %(cells)s cells, the header has %(columns)s."),
    "bad_bytes": _("Some characters cannot be decoded."),
    "open_quote": _("A quotation mark was probably opened and never closed."),
    "cut_cell": _("A cell was longer than %(limit)s characters and was cut."),
    "not_json": _("The line is not valid JSON."),
    "not_an_object": _("The line is JSON, but not a record with named fields."),
    "not_json_number": _("The line holds NaN or Infinity, which is no JSON value."),
    "key_twice": _("A field stands twice in the record."),
    "odd_type": _("A field that holds text elsewhere holds something else here."),
    "json_stops": _("The JSON is broken here, and what comes after it cannot be read."),
    "too_deep": _("The record is nested too deep."),
    "total_row": _("This looks like a row of totals."),
    "note_row": _("This looks like a note below the table."),
}


class ReadingError(UserError):
    """Why a file cannot be used. `code` and `facts` can be stored; `explain` says them again in any language."""

    def __init__(self, code: str, facts: dict[str, Any]) -> None:
        what, todo = REFUSALS.get(code, REFUSALS["reader_died"])
        super().__init__(say(what, facts), _NOTHING_CHANGED, todo)
        self.code, self.facts = code, facts


def explain(code: str, facts: dict[str, Any] | None = None) -> ReadingError:
    """The error a person sees for a refusal."""
    return ReadingError(code, facts or {})


def sentence(code: str, facts: dict[str, Any] | None = None) -> Text:
    """A note or warning in words."""
    return say(NOTES.get(code, code), facts or {})


def problem(code: str, facts: dict[str, Any] | None = None) -> Text:
    """What is wrong with a row, in words."""
    return say(PROBLEMS.get(code, code), facts or {})


def say(text: Text, facts: dict[str, Any]) -> Text:
    """The text with its facts, put together when it is shown, in the language and number format of the reader."""
    return _say(text, tuple(facts.items()))  # type: ignore[no-any-return]


def _filled(text: Text, facts: tuple[tuple[str, Any], ...]) -> str:
    shown = {
        name: number_format(value, force_grouping=True) if isinstance(value, int) else value for name, value in facts
    }
    return str(text) % shown if facts else str(text)


_say = lazy(_filled, str)
