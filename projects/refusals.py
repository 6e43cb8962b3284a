"""The words for everything a reader finds: why a file is refused, what is noted, what is wrong with a row."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.formats import number_format
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from projects.enumerating import listed
from projects.errors import UserError, reference

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
        _(
            "Copy the table into a spreadsheet, save it as XLSX, and upload that. Questions with answers below them can be"
            " saved as plain text (TXT)."
        ),
    ),
    "web_page": (_("This is a web page, and there is no table in it."), _SAVE_AS),
    "no_exchange": (
        _("This is a conversation (%(format)s), but nobody in it answers anybody."),
        _("Choose an export in which customers ask and your team answers."),
    ),
    "sql": (
        _("This is a dump of a database, which is not read."),
        _("Export the table with the texts as CSV, and upload that."),
    ),
    "yaml": (
        _("This is a YAML file, which is not read."),
        _("Put each text on a line of its own with its label beside it, save it as CSV, and upload that."),
    ),
    "xml": (_("This is an XML file, which is not read."), _SAVE_AS),
    "archive": (
        _("This kind of archive is not opened."),
        _("Unpack it and upload the table inside, or pack it as ZIP."),
    ),
    "media": (_("This is a sound or video file, not a table."), _("Choose a CSV, Excel, JSON or Parquet file.")),
    "program": (_("This is a program, not a table."), _("Choose a CSV, Excel, JSON or Parquet file.")),
    "database": (
        _("This is a database (such as Access or SQLite), which is not opened."),
        _("Export the table with the texts as CSV, and upload that."),
    ),
    "statistics": (
        _("This is a file of a program for statistics (such as SPSS, Stata, SAS or R), which is not read."),
        _("Export it as CSV from that program, with the labels of its values, and upload that."),
    ),
    "columnar": (
        _("This is a file for programs (such as Arrow, Avro, ORC, HDF5 or a pickle), which is not read."),
        _("Save the table as Parquet or CSV, and upload that."),
    ),
    "mail_program": (
        _("This is a message or a mailbox of Outlook, which is not read."),
        _("Export the messages as CSV, or as MBOX or EML, and upload that."),
    ),
    "iwork": (
        _("This is a file of Numbers, Pages or Keynote, which is not read."),
        _("Open it there, export it as Excel or CSV, and upload that."),
    ),
    "cards": (
        _("This is a calendar or an address book, not a table of texts."),
        _("Choose a CSV, Excel, JSON or Parquet file."),
    ),
    "subtitles": (
        _("These are subtitles or a transcript with times (SRT, VTT), which are not read."),
        _("Save each conversation as text with lines such as “Customer: …” and “Agent: …”, and upload that."),
    ),
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
        ngettext_lazy(
            "The archive has %(count)s file in it; %(limit)s are taken at most.",
            "The archive has %(count)s files in it; %(limit)s are taken at most.",
            "count",
        ),
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
    "texts_in_files": (
        _("The archive holds many files (%(count)s), and each seems to hold one text, not a table."),
        _("Put all texts into one table, a row for each, with the name of its folder beside it, and upload that."),
    ),
    "no_such_sheet": (_("There is no sheet called %(sheet)s."), _("Pick one of the sheets of this file.")),
    "no_such_member": (_("There is no file called %(member)s in the archive."), _("Pick one of the files in it.")),
    "too_many_rows": (
        _("The file has more than %(limit)s rows, which is the most this studio reads."),
        _("Upload a part of it."),
    ),
    "too_many_columns": (
        ngettext_lazy(
            "The file has %(count)s column; %(limit)s are read at most.",
            "The file has %(count)s columns; %(limit)s are read at most.",
            "count",
        ),
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
    "json_comments": (
        _("This is JSON with comments (line %(line)s), which JSON does not have."),
        _("Take the comments out, or export it again as plain JSON."),
    ),
    "json_not_strict": (
        _("This looks like JSON but is not: names and texts need double quotes, and no comma may stand before an end."),
        _("Export it again as plain JSON."),
    ),
    "json_broken": (
        _("The JSON is broken at line %(line)s."),
        _("Export it again and upload that."),
    ),
    "json_large": (
        _("This JSON document is no list of records and is larger than %(limit)s MB, so it cannot be turned into one."),
        _("Export a list of records, one for each row."),
    ),
    "no_records": (
        _("The JSON in this file holds no list of records."),
        _('Export a list such as [{"question": "...", "answer": "..."}].'),
    ),
    "out_of_memory": (
        _("This studio gives one file %(limit)s MB of memory, and this one needs more."),
        _("Save it as CSV, which is read piece by piece, or split it."),
    ),
    "disk_full": (
        _("There is not enough space on the disk to store the rows."),
        _("Tell whoever runs the studio, then try again."),
    ),
    "stored_too_big": (
        _("The rows of this file would take more than %(ratio)s times its size on the disk. Reading was stopped."),
        _("Leave out the columns that hardly any row fills, and upload it again."),
    ),
    "too_slow": (
        ngettext_lazy(
            "This studio gives a file of this size %(minutes)s minute, and reading it took longer.",
            "This studio gives a file of this size %(minutes)s minutes, and reading it took longer.",
            "minutes",
        ),
        _("Try once more when the studio has less to do, or split the file into smaller ones."),
    ),
    "reader_died": (_("The file made the reader stop. It is probably damaged."), _SAVE_AS),
}

NOTES: dict[str, Text] = {
    "encoding_guessed": _("The encoding was guessed: %(encoding)s. Look whether the text below reads well."),
    "bad_bytes": _(
        "Some characters cannot be decoded. The rows they stand in are listed and left out unless you keep them."
    ),
    "quote_left_open": _(
        "In line %(line)s a quotation mark is opened and never closed. It is taken as a sign of the text, so that no row is lost."
    ),
    "signs_lost": ngettext_lazy(
        "%(count)s cell has signs in it that were lost when the file was made (such as � or 锟斤拷). They cannot be brought back; export it again as UTF-8.",
        "%(count)s cells have signs in them that were lost when the file was made (such as � or 锟斤拷). They cannot be brought back; export it again as UTF-8.",
        "count",
    ),
    "spoiled_decoded": ngettext_lazy(
        "%(count)s cell was read in a wrong encoding before it came into this file: “%(before)s” is meant as “%(after)s”.",
        "%(count)s cells were read in a wrong encoding before they came into this file: “%(before)s” is meant as “%(after)s”.",
        "count",
    ),
    "spoiled_entities": ngettext_lazy(
        "%(count)s cell has signs of web pages in it: “%(before)s” is meant as “%(after)s”.",
        "%(count)s cells have signs of web pages in them: “%(before)s” is meant as “%(after)s”.",
        "count",
    ),
    "spoiled_line_ends": ngettext_lazy(
        "%(count)s cell has line ends written as \\n: “%(before)s”.",
        "%(count)s cells have line ends written as \\n: “%(before)s”.",
        "count",
    ),
    "spoiled_unseen": ngettext_lazy(
        "%(count)s cell has signs in it that nobody sees, such as a blank of no width.",
        "%(count)s cells have signs in them that nobody sees, such as a blank of no width.",
        "count",
    ),
    "repaired": ngettext_lazy("Cells repaired: %(count)s.", "Cells repaired: %(count)s.", "count"),
    "two_signs": _(
        "The file is a dump of a database: line ends and tabs in its cells are written as two signs (\\n, \\t) and nothing as \\N. They are read as what they mean."
    ),
    "sep_line": _("The first line only names the delimiter and is not data."),
    "title_rows": _("Lines above the header that are not data: %(count)s."),
    "questions_below": _("The text has questions with their answers below. Each question became a row."),
    "page_cut": _(
        "Only the first %(limit)s characters of this page are looked at. Divide it into several files to have all questions."
    ),
    "lines_outside": ngettext_lazy(
        "%(count)s line before the first question is left out.",
        "%(count)s lines before the first question are left out.",
        "count",
    ),
    "parts_joined": _("The document has several parts (%(names)s). All of them are read."),
    "second_header": _("Row %(row)s names the columns once more, so it is no data: %(cells)s."),
    "header_again": ngettext_lazy(
        "The header stands in the file once more, as when files are put together. That row is left out.",
        "The header stands in the file %(count)s times more, as when files are put together. Those rows are left out.",
        "count",
    ),
    "baskets": _(
        "Each line is an order and each cell a product of it, without a header. Each product became a row, with the number of its line as the order."
    ),
    "named_baskets": _(
        "Each line is the number of an order and then its products, without a header. Each product became a row."
    ),
    "no_header": _("The first row is data already, so the columns were given names."),
    "headers_alike": _("Some columns have the same or no name, so they were given names of their own."),
    "one_column": _("There is only one column."),
    "many_columns": ngettext_lazy(
        "There is %(count)s column.",
        "There are %(count)s columns. You only need to pick the ones that matter.",
        "count",
    ),
    "empty_rows": _("Empty rows left out: %(count)s."),
    "nul_characters": _("Zero characters taken out: %(count)s."),
    "missing_words": _("Words that count as empty: %(words)s."),
    "odd_cells": _("Cells in %(column)s that are not like the others there: %(count)s in the sample."),
    "decimal_comma": _("Numbers in %(columns)s have a decimal comma."),
    "day_first": _("Dates in %(columns)s start with the day."),
    "month_first": _("Dates in %(columns)s start with the month."),
    "several_sheets": ngettext_lazy(
        "There is %(count)s sheet with data. %(sheet)s is read.",
        "There are %(count)s sheets with data. %(sheet)s is read. Not read, with their numbers of rows: %(others)s.",
        "count",
    ),
    "tables_together": _("%(count)s tables with the same columns, side by side, are read as one table."),
    "sheets_together": _("%(count)s sheets with the same columns are read as one table: %(sheets)s."),
    "sheets_are_labels": _(
        "Each sheet holds texts of one label: %(count)s sheets are read as one table, and their names became the labels: %(sheets)s."
    ),
    "hidden_sheets": _("Hidden sheets, with their numbers of rows: %(sheets)s. They are not read unless you pick one."),
    "hidden_rows": ngettext_lazy(
        "%(count)s row is hidden in the sheet, by a filter or by hand. It is read like the others.",
        "%(count)s rows are hidden in the sheet, by a filter or by hand. They are read like the others.",
        "count",
    ),
    "hidden_rows_left_out": ngettext_lazy(
        "%(count)s row is hidden in the sheet and left out.",
        "%(count)s rows are hidden in the sheet and left out.",
        "count",
    ),
    "formulas_without_results": ngettext_lazy(
        "%(count)s cell of %(column)s is a formula whose result is not in the file. Open the file in Excel, save it, and upload it again.",
        "%(count)s cells of %(column)s are formulas whose results are not in the file. Open the file in Excel, save it, and upload it again.",
        "count",
    ),
    "merged_cells": ngettext_lazy(
        "%(count)s cell is merged with another one and got its value.",
        "%(count)s cells are merged with others and got their value.",
        "count",
    ),
    "joined": _("Several files of the archive (%(count)s) have the same columns and are read as one table: %(names)s."),
    "labels_called": _("The numbers in %(column)s are called by the names in %(file)s: %(names)s."),
    "members_left": _("Files of the archive that are not read: %(names)s."),
    "tables_on_sheet": ngettext_lazy(
        "There is %(count)s table here. Table %(table)s is read.",
        "There are %(count)s tables here, below or beside each other, each with columns of its own. Table %(table)s is read. Not read, with their numbers of rows: %(others)s.",
        "count",
    ),
    "table_below": ngettext_lazy(
        "In line %(line)s another table begins below this one. Its row (%(count)s with the names of its columns) is left out unless you keep it.",
        "In line %(line)s another table begins below this one. Its rows (%(count)s with the names of its columns) are left out unless you keep them.",
        "count",
    ),
    "several_tables": _(
        "The page has several tables (%(count)s). Number %(sheet)s is read; pick another if that is not the one."
    ),
    "several_lists": _(
        "The document has several lists (%(count)s). %(path)s is read. Not read, with their numbers of records: %(others)s."
    ),
    "lists_joined": _("The lists of the document have the same fields and are read as one table: %(names)s."),
    "records_inside": _("Each record of %(path)s became a row, with what stands above it in the document."),
    "own_test": _(
        "Rows under %(names)s are read like the others: the rows for the test are drawn from all. To leave them out, pick one list."
    ),
    "conversations": _("The rows hold conversations (%(columns)s). Each question with its answer became a row."),
    "team_unsure": _("It is not clear who of the speakers is your team. Say who it is before you go on."),
    "json_stops": _("The JSON is broken at record %(record)s, and what comes after it cannot be read."),
    "rest_is_text": _(
        "Many rows have more cells than the header, probably because the text has commas without quotes."
    ),
    "ragged": _("Rows with more or fewer cells than the header: %(count)s in the sample, the first in line %(line)s."),
    "no_rows": _("There are no rows below the header."),
    "few_rows": ngettext_lazy("There is only %(count)s row.", "There are only %(count)s rows.", "count"),
    "new_columns": _("Records further down have fields that the first ones do not have."),
    "other_ending": _("The name ends in .%(ending)s, but the content is something else. It is read as what it is."),
}

PROBLEMS: dict[str, Text] = {
    "too_many_cells": ngettext_lazy(
        "The row has %(cells)s cell, the header has %(columns)s.",
        "The row has %(cells)s cells, the header has %(columns)s.",
        "cells",
    ),
    "too_few_cells": ngettext_lazy(
        "The row has %(cells)s cell, the header has %(columns)s.",
        "The row has %(cells)s cells, the header has %(columns)s.",
        "cells",
    ),
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
    "no_turns": _("There is no conversation in this row."),
    "total_row": _("This looks like a row of totals."),
    "note_row": _("This looks like a note below the table."),
    "not_accepted": _("Whoever looked at this row did not accept its label."),
    "other_table": _("This belongs to another table further down, with columns of its own."),
}

# Limits and lacks of the studio, not of the file: logged, with a reference.
OURS = frozenset(["out_of_memory", "disk_full", "too_slow"])

# Forms of conversations.
FORMS: dict[str, Text] = {
    "whatsapp": _("WhatsApp chat"),
    "line": _("LINE chat"),
    "wechat": _("WeChat, Teams and similar chats"),
    "chatlog": _("Chats as text"),
    "telegram": _("Telegram chat"),
    "telegram_page": _("Telegram chat"),
    "slack": _("Slack channel"),
    "discord": _("Discord channel"),
    "mail": _("E-mail"),
    "chat": _("Lists of turns"),
    "preference": _("Pairs of a better and a worse answer; the better one is used"),
    "tickets": _("Tickets with their comments"),
    "transcript": _("Transcripts in a cell"),
    "turns_table": _("One turn in each row"),
    "two_columns": _("A column for the customer and one for the team"),
    "intents": _("Topics with their questions and answers"),
}


class ReadingError(UserError):
    """Why a file cannot be used. `code` and `facts` can be stored; `explain` says them again in any language."""

    def __init__(self, code: str, facts: Mapping[str, object]) -> None:
        what, todo = REFUSALS.get(code, REFUSALS["reader_died"])
        safe: Text = _NOTHING_CHANGED
        if code in OURS:
            facts = {**facts, "ref": facts.get("ref") or reference()}
            safe = say(_("The file is stored as you sent it. The reference is %(ref)s."), facts)
        shown = {name: FORMS.get(str(value), value) if name == "format" else value for name, value in facts.items()}
        super().__init__(say(what, shown), safe, todo)
        self.code, self.facts = code, facts

    @property
    def ours(self) -> bool:
        """Whether it is the studio that lacks something."""
        return self.code in OURS


def explain(code: str, facts: dict[str, object] | None = None) -> ReadingError:
    """The error a person sees for a refusal."""
    return ReadingError(code, facts or {})


def sentence(code: str, facts: dict[str, object] | None = None) -> Text:
    """A note or warning in words."""
    return say(NOTES.get(code, code), facts or {})


def problem(code: str, facts: dict[str, object] | None = None) -> Text:
    """What is wrong with a row, in words."""
    return say(PROBLEMS.get(code, code), facts or {})


def say(text: Text, facts: Mapping[str, object]) -> Text:
    """The text with its facts, put together when it is shown, in the language and number format of the reader."""
    return _say(text, tuple(facts.items()))  # type: ignore[no-any-return]


class _Number(int):
    """A number that a sentence shows in the reader's way, and by which the sentence still finds its plural."""

    def __str__(self) -> str:
        return str(number_format(int(self), force_grouping=True))


def _filled(text: Text, facts: tuple[tuple[str, object], ...]) -> str:
    shown = {name: _shown(value) for name, value in facts}
    return str(text % shown) if facts else str(text)


def _shown(value: object) -> object:
    """Numbers and lists of names as the reader's language writes them."""
    if isinstance(value, list):
        return listed(value)
    return _Number(value) if isinstance(value, int) else value


_say = lazy(_filled, str)
