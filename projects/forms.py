"""What a person types: names, pasted rows, corrections of how a file is read, columns for roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from projects import access, columns
from projects.columns import Played
from projects.formats import Reading, Talk
from projects.models import Dataset, Project, Team
from projects.reading import BASKETS, NAMED_BASKETS
from projects.regions import WHOLE
from projects.users import User

Choice = tuple[str, str | Promise]
AS_FOUND = _("As found")
ENCODINGS = (
    ("utf-8", _("Unicode (UTF-8)")),
    ("utf-16", _("Unicode (UTF-16)")),
    ("cp1252", _("Western Europe (Windows)")),
    ("cp1250", _("Central Europe (Windows)")),
    ("cp1251", _("Cyrillic (Windows)")),
    ("gb18030", _("Chinese, simplified (GB 18030)")),
    ("big5", _("Chinese, traditional (Big5)")),
    ("shift_jis", _("Japanese (Shift JIS)")),
    ("mac_roman", _("Western Europe (old Mac)")),
    ("cp850", _("Western Europe (DOS)")),
    ("cp437", _("United States (DOS)")),
    ("cp852", _("Central Europe (DOS)")),
    ("cp866", _("Cyrillic (DOS)")),
    ("koi8_r", _("Cyrillic (KOI8-R)")),
    ("cp1253", _("Greek (Windows)")),
    ("cp1254", _("Turkish (Windows)")),
    ("cp949", _("Korean")),
)
DELIMITERS = ((",", _("Comma")), (";", _("Semicolon")), ("\t", _("Tab")), ("|", _("Bar |")), ("::", _("Two colons ::")))


class CreateForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Project
        fields = ["name", "team"]

    def __init__(
        self, user: User, data: Mapping[str, object] | None = None, *, initial: dict[str, object] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        teams = access.teams(user, access.EDITOR)
        self.fields["team"] = forms.ModelChoiceField(teams, label=_("Team"), empty_label=None)
        if teams.count() == 1:
            self.fields["team"].widget = forms.HiddenInput()
        if self.initial.get("team") not in teams.values_list("pk", flat=True):
            first: Team | None = teams.first()
            self.initial["team"] = first.pk if first else None
        self.fields["name"].label = _("Name")
        self.fields["name"].help_text = _("For you and your team. You can change it at any time.")


class RenameForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Project
        fields = ["name"]


class FileForm(forms.Form):
    file = forms.FileField(label=_("File"), max_length=1000, allow_empty_file=True)


class PasteForm(forms.Form):
    text = forms.CharField(
        label=_("Rows"),
        strip=False,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false"}),
        help_text=_("Copy them from your spreadsheet, together with the header row."),
    )

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"])
        if not text.strip():
            raise forms.ValidationError(_("There are no rows in the box."))
        return text


class ReadingForm(forms.Form):
    """Only what this file lets one correct has a field."""

    def __init__(self, dataset: Dataset, data: Mapping[str, object] | None = None) -> None:
        super().__init__(data)
        self.dataset, found = dataset, Reading.from_json(dataset.reading)
        text = found.format in ("csv", "tsv", "delimited", "text") or not found.format
        if text:
            self._choice("encoding", _("Characters"), with_own(ENCODINGS, found.encoding))
            self._choice("delimiter", _("What is between the columns"), with_own(DELIMITERS, found.delimiter))
            self.fields["rest_is_text"] = forms.BooleanField(
                label=_("The last column is text with commas in it"), required=False
            )
        if found.escapes or found.as_written:
            self.fields["as_written"] = forms.BooleanField(label=_("Leave \\n and \\t as they stand"), required=False)
        if len(found.members) > 1:
            self._choice("member", _("File in the archive"), [(one.name, one.name) for one in found.members])
        if len(found.lists) > 1:
            lists = [(one.name, _("%(name)s (%(n)s)") % {"name": one.name, "n": one.rows}) for one in found.lists]
            self._choice("path", _("List in the document"), lists)
        if found.talk is not None and len(found.talk.speakers) > 1:
            self._team(found.talk)
        self.asks = any(one.code == "team_unsure" for one in found.warnings)  # it waits for what a person says here
        nobody_answers = dataset.error.get("code") == "no_exchange"
        if found.talk is not None or found.as_table or nobody_answers or found.shape in (BASKETS, NAMED_BASKETS):
            self.fields["as_table"] = forms.BooleanField(
                label=_("It is a plain table; leave its cells as they are"), required=False
            )
        if len(found.sheets) > 1:
            sheets = [(one.name, _("%(name)s (%(n)s)") % {"name": one.name, "n": one.body}) for one in found.sheets]
            self._choice("sheet", _("Sheet"), sheets)
        if found.regions or dataset.overrides.get("table"):
            self._choice("table", _("Table on the sheet"), tables(found))
        if found.together:
            self.fields["all_sheets"] = forms.BooleanField(
                label=_("Read all sheets with these columns"), required=False
            )
        if found.beside:
            self.fields["all_tables"] = forms.BooleanField(
                label=_("Read all tables with these columns"), required=False
            )
        if any(one.code.startswith("hidden_rows") for one in found.warnings):
            self.fields["without_hidden"] = forms.BooleanField(label=_("Leave the hidden rows out"), required=False)
        if found.repair or "repair" in found.offers:
            self.fields["repair"] = forms.BooleanField(label=_("Repair the characters"), required=False)
        if found.above:
            self._choice("header_row", _("The names of the columns are in"), header_rows(found))
        for name in self.fields:
            self.initial[name] = dataset.overrides.get(name, "")
        for name in {
            "rest_is_text",
            "as_table",
            "as_written",
            "without_hidden",
            "repair",
            "all_sheets",
            "all_tables",
        } & self.fields.keys():
            self.initial[name] = bool(dataset.overrides.get(name))
        if "team" in self.fields and found.talk is not None:
            self.initial["team"] = found.talk.team

    def _team(self, talk: Talk) -> None:
        """Who of the speakers answers."""
        choices = [
            (
                one.name,
                ngettext("%(name)s (%(n)s message)", "%(name)s (%(n)s messages)", one.turns)
                % {"name": one.name, "n": one.turns},
            )
            for one in talk.speakers
        ]
        self.fields["team"] = forms.MultipleChoiceField(
            label=_("Who is your team"),
            choices=choices,
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text=_("What they say is learned as the answers. Everybody else is a customer."),
        )

    def _choice(self, name: str, label: str | Promise, choices: Iterable[Choice]) -> None:
        self.fields[name] = forms.ChoiceField(label=str(label), choices=[("", AS_FOUND), *choices], required=False)

    def overrides(self) -> dict[str, object]:
        """What the person set, in the form that the reader takes."""
        found = {name: value for name, value in self.cleaned_data.items() if value not in ("", False, None, [])}
        as_guessed = "team" in self.fields and "team" not in self.changed_data
        if as_guessed and not self.asks and not self.dataset.overrides.get("team"):
            found.pop("team", None)  # nobody has said otherwise; where a person was asked, the same is an answer too
        if {"sheet", "member", "table"} & set(self.changed_data):  # where other rows lie, these were not looked at
            for name in {"table", "header_row"} - set(self.changed_data):
                found.pop(name, None)
        if "header_row" in found:
            found["header_row"] = int(found["header_row"])
        return found


def with_own(choices: Iterable[Choice], own: str) -> list[Choice]:
    known = list(choices)
    return known if not own or own in dict(known) else [*known, (own, own)]


def tables(found: Reading) -> list[Choice]:
    """The tables of a sheet by the names of their columns, and all of it as one."""
    title = _("Table %(name)s: %(columns)s (%(n)s)")
    listed = [
        (one.name, title % {"name": one.name, "columns": ", ".join(one.names), "n": one.rows}) for one in found.regions
    ]
    return [*listed, (WHOLE, _("All of it as one table"))]


def header_rows(found: Reading) -> list[Choice]:
    rows: list[Choice] = [("0", _("No row; the first row is data"))]
    for number, cells in enumerate(found.above, found.top + 1):
        shown = " | ".join(cell for cell in cells if cell)[:60]
        rows.append((str(number), _("Row %(n)s: %(cells)s") % {"n": number, "cells": shown}))
    return rows


class MappingForm(forms.Form):
    """One choice of column for each role; a text can be read from several, so its role has a field more than it has columns."""

    def __init__(self, dataset: Dataset, data: Mapping[str, object] | None = None) -> None:
        super().__init__(data)
        self.roles = dataset.project.case.roles
        names = [(column["name"], column["name"]) for column in dataset.reading.get("columns", [])]
        for role in self.roles:
            self.fields[role.name] = forms.ChoiceField(
                label=str(role.title), choices=[("", _("No column")), *names], required=False
            )
            held = columns.of(dataset.mapping, role.name)
            self.initial[role.name] = next(iter(held), "")
            for place in range(1, min(columns.MOST, len(held) + 1, len(names)) if role.several else 1):
                also = forms.ChoiceField(
                    label=_("%(role)s, column %(n)d") % {"role": role.title, "n": place + 1},
                    choices=[("", _("No other column")), *names],
                    required=False,
                )
                self.fields[f"{role.name}-{place + 1}"] = also
                self.initial[f"{role.name}-{place + 1}"] = held[place] if place < len(held) else ""

    def names(self, role: str) -> list[str]:
        """The fields of a role."""
        return [name for name in self.fields if name == role or name.startswith(f"{role}-")]

    def clean(self) -> dict[str, object]:
        found = super().clean() or {}
        taken: set[str] = set()
        for name in self.fields:
            column = found.get(name)
            if column and column in taken:
                self.add_error(name, _("This column is chosen twice. Choose another one."))
            elif column:
                taken.add(column)
        return found

    def mapping(self) -> dict[str, Played]:
        chosen = self.cleaned_data
        return {
            role.name: columns.stored(chosen.get(name) or "" for name in self.names(role.name)) for role in self.roles
        }
