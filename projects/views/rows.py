"""The rows behind a count, and everything that was left out as a file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from projects import access, columns, families
from projects.families import Family
from projects.formats import Reading
from projects.models import AuditEvent, Dataset
from projects.quality import BadRow
from projects.views import _check

PER_PAGE = 25
BLOCK = 64 * 1024


class Behind:
    """The rows with a flag as a list that is read a page at a time."""

    def __init__(self, dataset: Dataset, flag: str) -> None:
        self.dataset, self.flag = dataset, flag

    def __len__(self) -> int:
        return int(self.dataset.report.get("flags", {}).get(self.flag, 0))

    def __getitem__(self, part: slice) -> list[BadRow]:
        start = part.start or 0
        family = families.of_project(self.dataset.project)
        return family.behind(self.dataset, self.flag, start, part.stop - start)


@require_safe
@login_required
def rows(request: HttpRequest, pk: int, flag: str) -> HttpResponse:
    found = access.dataset(request.user, pk)
    family = families.of_project(found.project)
    known = family.FLAGS.get(flag)
    if known is None or not found.report or not found.rows_file.exists():
        raise Http404
    pages: Paginator[BadRow] = Paginator(Behind(found, flag), PER_PAGE)  # type: ignore[arg-type]
    page = pages.get_page(request.GET.get("page"))
    reading = Reading.from_json(found.reading)
    head, places = _columns(found, reading)
    copies = family.copies(found, [row.n for row in page if "duplicate" in row.flags])
    context = {
        "dataset": found,
        "project": found.project,
        "flag": known,
        "choice": known.called(family.chosen(found.choices)[flag]),
        "page": page,
        "head": head,
        "found": [{**_shown(row, places, reading, family), "copy_of": copies.get(row.n)} for row in page],
    }
    return render(request, "projects/rows.html", context)


@require_safe
@login_required
def dropped(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Everything that was left out, with the reason, as a CSV file."""
    found = access.dataset(request.user, pk)
    path = found.folder / "dropped.csv"
    if found.state != Dataset.State.READY or not path.exists():
        raise Http404
    AuditEvent.record(found.project.team, request.user, "dataset.dropped_downloaded", found.name, dataset=pk)
    name = f"{slugify(found.name) or 'data'}-left-out.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(_blocks(path), content_type="text/csv; charset=utf-8", headers=headers)


async def _blocks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while block := await asyncio.to_thread(file.read, BLOCK):
            yield block


def _columns(found: Dataset, reading: Reading) -> tuple[list[str], list[int]]:
    """The columns that play a role, or the first ones where none does."""
    names = reading.names
    places = [names.index(column) for column in columns.used(found.mapping) if column in names] or list(
        range(len(names))
    )[:6]
    return [names[place] for place in places], places


def _shown(row: BadRow, places: list[int], reading: Reading, family: Family) -> dict[str, object]:
    cells = [(row.cells[place] if place < len(row.cells) else "") or "" for place in places]
    flags = [family.FLAGS[name].title for name in row.flags if name in family.FLAGS]
    return {"line": row.line, "cells": cells, "flags": flags, "problem": _check.said(row.problem, row.cells, reading)}
