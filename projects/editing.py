"""Single rows seen, found, edited, added and taken out; sets joined. A dataset is immutable, so each makes a new one."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import overload

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects import checking, columns, contradictions, datasets, families, rows, uploading
from projects.datasets import Act
from projects.enumerating import listed
from projects.errors import UserError
from projects.models import Dataset, Project
from projects.users import Doer

MOST_CHANGES = 2_000
"""Waiting changes of one set; whoever has more of them changes the file and adds it again."""
LONGEST_CELL = 20_000
LONGEST_SEARCH = 200
MOST_JOINED = 20
READABLE = (Dataset.State.CHECKING, Dataset.State.READY)
Values = dict[str, str]


@dataclass(frozen=True)
class Row:
    """A row as a person sees it: what each role holds, and what waits to be done with it."""

    key: str
    """Its number in the file, or "+1" and on for an added one."""
    values: list[tuple[str, str, str]]
    """(role, its title, the text)."""
    state: str = ""
    """"edited", "added", "removed", or "" as it came."""
    line: int = 0
    """Where it stands in the file; 0 for an added one."""
    copy_of: int = 0
    """The line that says the same further up."""


def editable(dataset: Dataset) -> bool:
    return dataset.state in READABLE and dataset.rows_file.exists() and bool(roles(dataset))


def roles(dataset: Dataset) -> list[tuple[str, str]]:
    """(name, title) of each role that a column plays."""
    return [(role.name, str(role.title)) for role in dataset.project.case.roles if dataset.mapping.get(role.name)]


# Seeing ----------------------------------------------------------------------------------------------------------
class Rows(Sequence[Row]):
    """The rows of a dataset that hold a text, read a page at a time; added ones come first."""

    def __init__(self, dataset: Dataset, search: str = "") -> None:
        self.dataset, self.search = dataset, search[:LONGEST_SEARCH].strip()
        self.roles = roles(dataset)
        self.added = [key for key in dataset.edits if key.startswith("+") and self._fits(dataset.edits[key])]
        with rows.opened(dataset.rows_file) as db:
            names = rows.columns(db)
            held = columns.places(dataset.mapping, names)
            self.places = {name: held[name] for name, _title in self.roles}
            # Rows are numbered without gaps, so nothing has to be counted; a search goes over all of them, once.
            self.in_file = rows.last(db)
            self.matches = self._search(db) if self.search else None

    def _fits(self, values: Mapping[str, str] | None) -> bool:
        text = " ".join((values or {}).values()).casefold()
        return self.search.casefold() in text

    def _search(self, db: sqlite3.Connection) -> array[int]:
        """The numbers of the rows of which a cell with a role holds the text; the search has no signs of its own."""
        places = [place for at in self.places.values() for place in at]
        cells = " OR ".join(f"json_extract(cells, '$[{place}]') LIKE :text ESCAPE '\\'" for place in places)
        # Most rows do not hold it anywhere, as their cells are written, which is told before these are taken apart.
        query = f"SELECT n FROM rows WHERE cells LIKE :written ESCAPE '\\' AND ({cells}) ORDER BY n"  # noqa: S608
        written = json.dumps(self.search, ensure_ascii=False)[1:-1]
        found = db.execute(query, {"text": _anywhere(self.search), "written": _anywhere(written)})
        return array("q", (n for (n,) in found))

    def __len__(self) -> int:
        return len(self.added) + (self.in_file if self.matches is None else len(self.matches))

    @overload
    def __getitem__(self, part: int) -> Row: ...

    @overload
    def __getitem__(self, part: slice) -> list[Row]: ...

    def __getitem__(self, part: int | slice) -> Row | list[Row]:
        if not isinstance(part, slice):
            return self[part : part + 1][0]
        start, stop, _step = part.indices(len(self))
        shown = [self._row(key, self.dataset.edits[key] or {}, "added") for key in self.added[start:stop]]
        offset, limit = max(0, start - len(self.added)), stop - start - len(shown)
        numbers = range(1, self.in_file + 1) if self.matches is None else self.matches
        with rows.opened(self.dataset.rows_file) as db:
            query = "SELECT n, line, cells FROM rows WHERE n IN (SELECT value FROM json_each(?)) ORDER BY n"
            stored = db.execute(query, [json.dumps(list(numbers[offset : offset + limit]))]).fetchall()
        copies = self._copies([n for n, _line, _cells in stored])
        for n, line, cells in stored:
            shown.append(replace(self._stored(str(n), json.loads(cells)), line=line, copy_of=copies.get(n, 0)))
        return shown

    def _copies(self, numbers: Sequence[int]) -> dict[int, int]:
        """Which rows say the same as one further up, as far as they were looked at and not edited since."""
        if not self.dataset.report:
            return {}
        asked = [n for n in numbers if str(n) not in self.dataset.edits]
        return families.of_project(self.dataset.project).copies(self.dataset, asked)

    def _stored(self, key: str, cells: list[str | None]) -> Row:
        if key in self.dataset.edits:
            edit = self.dataset.edits[key]
            return self._row(key, edit, "edited") if edit else self._row(key, self._values(cells), "removed")
        return self._row(key, self._values(cells))

    def _values(self, cells: list[str | None]) -> Values:
        return {name: columns.text(cells, at) for name, at in self.places.items()}

    def _row(self, key: str, values: Mapping[str, str], state: str = "") -> Row:
        return Row(key, [(name, title, values.get(name, "")) for name, title in self.roles], state)


def row(dataset: Dataset, key: str) -> Row | None:
    """One row by its key."""
    shown = Rows(dataset)
    if key in shown.added:
        return shown._row(key, dataset.edits[key] or {}, "added")
    if not key.isdecimal() or len(key) > 12:
        return None
    with rows.opened(dataset.rows_file) as db:
        stored = db.execute("SELECT cells FROM rows WHERE n = ?", (int(key),)).fetchone()
    return shown._stored(key, json.loads(stored[0])) if stored else None


# Changing --------------------------------------------------------------------------------------------------------
def change(dataset: Dataset, key: str, values: Mapping[str, str]) -> str:
    """Remembers what a row shall hold; "+" adds one. Its key comes back."""
    given = {name: str(values.get(name, ""))[:LONGEST_CELL].replace("\x00", "") for name, _title in roles(dataset)}
    needed = [role.name for role in dataset.project.case.roles if role.required and role.name in given]
    if any(not given[name].strip() for name in needed[:1]):
        raise UserError(
            _("The row would be empty."), _("Nothing was changed."), _("Write something, or take the row out.")
        )
    with _edits(dataset) as edits:
        if key == "+":
            key = f"+{1 + max((int(old) for old in edits if old.startswith('+')), default=0)}"
        edits[key] = given
    return key


def remove(dataset: Dataset, key: str) -> None:
    """Takes a row out; an added one is simply forgotten."""
    with _edits(dataset) as edits:
        if key.startswith("+"):
            edits.pop(key, None)
        else:
            edits[key] = None


def take_back(dataset: Dataset, key: str) -> None:
    """Undoes what waits for one row; for all of them without a key."""
    with _edits(dataset) as edits:
        if key:
            edits.pop(key, None)
        else:
            edits.clear()


def _anywhere(text: str) -> str:
    """The pattern of LIKE for what holds a text; the text has no signs of its own."""
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


class _edits:
    """The waiting changes under a lock of the row, stored at the end."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset, self.transaction = dataset, transaction.atomic()

    def __enter__(self) -> dict[str, Values | None]:
        self.transaction.__enter__()
        self.held = Dataset.objects.select_for_update().get(pk=self.dataset.pk)
        self.edits: dict[str, Values | None] = dict(self.held.edits)
        return self.edits

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and len(self.edits) > MOST_CHANGES:
            full = UserError(
                _("More than %(most)d changes wait already.") % {"most": MOST_CHANGES},
                _("They are all kept."),
                _("Use them first, then go on in the new set."),
            )
            self.transaction.__exit__(UserError, full, None)
            raise full
        if error is None:
            Dataset.objects.filter(pk=self.dataset.pk).update(edits=self.edits)
            self.dataset.edits = self.edits
        self.transaction.__exit__(kind, error, trace)


# Making the new set ----------------------------------------------------------------------------------------------
def apply(dataset: Dataset, user: Doer) -> Dataset:
    """A new set with the waiting changes. Like its source it waits for a check, or becomes ready by itself."""
    if not dataset.edits:
        raise UserError(_("No change waits."), todo=_("Edit, add or take out a row first."), status=409)
    count = len(dataset.edits)
    name = ngettext("%(name)s with %(n)d change", "%(name)s with %(n)d changes", count)
    act = Act("dataset.edited", {"of": dataset.pk, "changes": count})
    with _making(dataset, [dataset], name % {"name": dataset.name[:200], "n": count}, user, act) as made:
        held = Dataset.objects.select_for_update().get(pk=dataset.pk)
        if not any(held.edits.get(key, "") == edit for key, edit in dataset.edits.items()):
            raise UserError(
                _("These changes are used already."),
                _("They are in a set of their own."),
                _("Look for it among the data of this project."),
                status=409,
            )
        # What came while the rows were written waits on.
        left = {key: edit for key, edit in held.edits.items() if dataset.edits.get(key, "") != edit}
        Dataset.objects.filter(pk=dataset.pk).update(edits=left)
    return made


def joined(project: Project, datasets: Sequence[Dataset], user: Doer) -> Dataset:
    """One set of several ready ones, the newest choices first. What stands in two of them counts once."""
    with _joining(project, datasets, user) as made:
        return made


@contextmanager
def _joining(project: Project, datasets: Sequence[Dataset], user: Doer) -> Iterator[Dataset]:
    if not 2 <= len(datasets) <= MOST_JOINED or any(not editable(one) for one in datasets):
        raise UserError(
            _("To join sets, choose two or more that are ready."),
            _("Nothing was changed."),
            _("Choose them in the list."),
        )
    newest = max(datasets, key=lambda one: one.created)
    names = listed(one.name for one in datasets)
    act = Act("dataset.joined", {"of": [one.pk for one in datasets]})
    with _making(newest, datasets, _("%(names)s together") % {"names": names[:200]}, user, act) as made:
        yield made


def added_to(base: Dataset, fresh: Dataset, user: Doer) -> Dataset:
    """The rows just checked put to those of a ready set. What they were read into goes: its rows are in the new set."""
    if base.project_id != fresh.project_id or base.state != Dataset.State.READY or fresh.state not in READABLE:
        raise UserError(
            _("These rows cannot be added to “%(name)s” now.") % {"name": base.name},
            _("Both are kept."),
            _("Wait until both are read, then try again."),
            status=409,
        )
    with _joining(base.project, [base, fresh], user) as made:
        Dataset.objects.filter(pk=made.pk).update(accepted=True)
        # It may have been used for itself while the rows were written.
        held = Dataset.objects.select_for_update().get(pk=fresh.pk)
        if held.state == Dataset.State.CHECKING:
            checking.take_away(held)
    return made


def choices_to_join(dataset: Dataset) -> list[Dataset]:
    """The ready sets of a project that a set can be added to, newest first; none that has its rows already."""
    others = dataset.project.datasets.filter(state=Dataset.State.READY, purpose="all").exclude(pk=dataset.pk)
    if dataset.upload_id:
        same = Dataset.objects.filter(Q(upload=dataset.upload_id) | Q(made_of__upload=dataset.upload_id))
        others = others.exclude(pk__in=same.values("pk"))
    return [one for one in others[:MOST_JOINED] if editable(one)]


@contextmanager
def _making(model: Dataset, sources: Sequence[Dataset], name: str, user: Doer, act: Act) -> Iterator[Dataset]:
    """A dataset of the sources' rows with the columns named as their roles; MODEL lends its choices and its items.

    The block is part of the transaction that makes it. The rows are written before that begins: a big set takes longer
    than others wait for the database, which has one writer."""
    names = list(dict.fromkeys(role for one in sources for role, _title in roles(one)))
    pinned = list(dict.fromkeys(key for one in sources for key in one.pinned))
    upload = uploading.store(model.project, user, f"{name}.jsonl", _lines(sources, names))
    settled = contradictions.together(one.choices for one in [model, *sources])
    try:
        with transaction.atomic():
            yield datasets.create_dataset(
                model.project,
                upload,
                user,
                act=act,
                made_of=[one for one in sources if one.state == Dataset.State.READY],
                name=name,
                mapping={role: role for role in names},
                choices={**model.choices, **({contradictions.KEPT: settled} if settled else {})},
                pinned=pinned,
                accepted=all(one.state == Dataset.State.READY for one in sources),
                tested_by=model.tested_by,
                items=model.items,
                items_mapping=model.items_mapping,
            )
    except BaseException:
        uploading.forget(upload)
        raise


def _lines(sources: Iterable[Dataset], names: Sequence[str]) -> Iterator[bytes]:
    for source in sources:
        shown = Rows(source)
        edits = source.edits
        for key in shown.added:
            yield _line(edits[key] or {}, names)
        last = 0
        while page := rows.page(source.rows_file, last, rows.BATCH):
            for n, _line_number, cells, problem in page:
                last = n
                values = edits.get(str(n), None if problem else shown._values(cells))
                if values is not None:
                    yield _line(values, names)


def _line(values: Mapping[str, str], names: Sequence[str]) -> bytes:
    return (json.dumps({name: values.get(name, "") for name in names}, ensure_ascii=False) + "\n").encode()
