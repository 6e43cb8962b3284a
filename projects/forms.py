"""What a person types: names, pasted rows, corrections of how a file is read, columns for roles."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from projects import access
from projects.formats import Reading
from projects.models import Dataset, Project, Team

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
)
DELIMITERS = ((",", _("Comma")), (";", _("Semicolon")), ("\t", _("Tab")), ("|", _("Bar |")))


class CreateForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Project
        fields = ["name", "team"]

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = access.teams(user).filter(memberships__user=user, memberships__role__in=[access.OWNER, access.EDITOR])
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

    def __init__(self, dataset: Dataset, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dataset, found = dataset, Reading.from_json(dataset.reading)
        text = found.format in ("csv", "tsv", "delimited", "text") or not found.format
        if text:
            self._choice("encoding", _("Characters"), with_own(ENCODINGS, found.encoding))
            self._choice("delimiter", _("What is between the columns"), with_own(DELIMITERS, found.delimiter))
            self.fields["rest_is_text"] = forms.BooleanField(
                label=_("The last column is text with commas in it"), required=False
            )
        if len(found.members) > 1:
            self._choice("member", _("File in the archive"), [(one.name, one.name) for one in found.members])
        if len(found.sheets) > 1:
            self._choice("sheet", _("Sheet"), [(one.name, one.name) for one in found.sheets])
        if found.above:
            self._choice("header_row", _("The names of the columns are in"), header_rows(found))
        for name in self.fields:
            self.initial[name] = dataset.overrides.get(name, "")
        if "rest_is_text" in self.fields:
            self.initial["rest_is_text"] = bool(dataset.overrides.get("rest_is_text"))

    def _choice(self, name: str, label: Any, choices: Any) -> None:
        self.fields[name] = forms.ChoiceField(label=label, choices=[("", AS_FOUND), *choices], required=False)

    def overrides(self) -> dict[str, Any]:
        """What the person set, in the form that the reader takes."""
        found = {name: value for name, value in self.cleaned_data.items() if value not in ("", False, None)}
        if "header_row" in found:
            found["header_row"] = int(found["header_row"])
        return found


def with_own(choices: Any, own: str) -> list[tuple[str, Any]]:
    known = list(choices)
    return known if not own or own in dict(known) else [*known, (own, own)]


def header_rows(found: Reading) -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = [("0", _("No row; the first row is data"))]
    for number, cells in enumerate(found.above, 1):
        shown = " | ".join(cell for cell in cells if cell)[:60]
        rows.append((str(number), _("Row %(n)s: %(cells)s") % {"n": number, "cells": shown}))
    return rows


class MappingForm(forms.Form):
    """One choice of column for each role."""

    def __init__(self, dataset: Dataset, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roles = dataset.project.case.roles
        names = [(column["name"], column["name"]) for column in dataset.reading.get("columns", [])]
        for role in self.roles:
            self.fields[role.name] = forms.ChoiceField(
                label=str(role.title), choices=[("", _("No column")), *names], required=False
            )
            self.initial[role.name] = dataset.mapping.get(role.name) or ""

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        taken: dict[str, str] = {}
        for role in self.roles:
            column = found.get(role.name)
            if column and column in taken:
                self.add_error(role.name, _("This column is chosen twice. Choose another one."))
            elif column:
                taken[column] = role.name
        return found

    def mapping(self) -> dict[str, str | None]:
        return {role.name: self.cleaned_data.get(role.name) or None for role in self.roles}
