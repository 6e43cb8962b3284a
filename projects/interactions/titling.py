"""What items are called: by the table of items, else by the log, else by their id."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress

from projects import rows
from projects.interactions.examining import clean_id
from projects.interactions.understanding import cell_of
from projects.models import Dataset


def titles(dataset: Dataset, items: Sequence[str]) -> dict[str, str]:
    """Item → title, for the few items asked for."""
    found = _of_log(dataset, items) if dataset.mapping.get("title") else {}
    if dataset.items_mapping.get("item") and dataset.items_mapping.get("title") and dataset.items_file.exists():
        found |= _of_table(dataset, set(items))
    return found


def _of_log(dataset: Dataset, items: Sequence[str]) -> dict[str, str]:
    with rows.opened(dataset.rows_file) as db:
        marks = ",".join("?" * len(items))
        found = db.execute(
            f"SELECT item, value, many FROM said WHERE role = 'title' AND item IN ({marks}) ORDER BY many",  # noqa: S608
            items,
        )
        return {item: value for item, value, _many in found}


def _of_table(dataset: Dataset, items: set[str]) -> dict[str, str]:
    """One walk over the table; it is read in one go and holds one line an item."""
    titles: dict[str, str] = {}
    with rows.opened(dataset.items_file) as db:
        names = rows.columns(db)
        place, title = (names.index(dataset.items_mapping[role]) for role in ("item", "title"))
        for (cells,) in db.execute("SELECT cells FROM rows"):
            with suppress(ValueError):
                line = json.loads(cells)
                item = clean_id(cell_of(line, place))
                if item in items and cell_of(line, title):
                    titles.setdefault(item, cell_of(line, title))
            if len(titles) == len(items):
                break
    return titles
