"""A log is looked at many lines at a time, and what repeats in it is read once; both change nothing of what is found."""

from __future__ import annotations

import csv
import random
import sqlite3

import pytest

from projects import dates, dates_at_once, reading, rows
from projects.interactions import examining
from projects.interactions.spool import Spool, Texts
from projects.interactions.understanding import Look, understand
from tests.projects import by_database

HEADER = ["order", "customer", "product", "title", "time", "kind", "stars", "quantity", "price"]
ROLES = ["basket", "person", "item", "title", "when", "kind", "weight", "quantity", "price"]


def a_log(seed: int, lines: int) -> list[list[str]]:
    """Orders of several lines with gaps, ids with and without zeros, guests, returns and odd cells."""
    chance = random.Random(seed)
    found: list[list[str]] = []
    for number in range(lines):
        again = found and chance.random() < 0.6
        basket = found[-1][0] if again else chance.choice([f"{1_000 + number}", f"C{number}", "", "n/a"])
        product = chance.choice([f"{number % 40:05d}", f"{number % 40}", f"SKU{number % 30}", "", "-"])
        row = [
            basket,
            chance.choice([f"{number % 50}", f"{number % 9:04d}", "17850.0", "guest", "GUEST", "", "olga@mail.org"]),
            product,
            chance.choice([f"Lamp {product}", f" Lamp {product} ", "POSTAGE", "", "none"]),
            chance.choice([f"{1 + number % 28:02d}.03.2024 10:{number % 60:02d}", "2024-03-05", "never", ""]),
            chance.choice(["bought", "viewed", "refunded", "", "?"]),
            chance.choice(["5", "4,5", "★★", "0", "", "n/a"]),
            chance.choice(["1", "2", "-1", "(3)", " -2", "1.000", ""]),
            chance.choice(["9.99", "1,50", "free", "1e20", ""]),
        ]
        for place in (1, 4, 5):
            if again and chance.random() < 0.5:
                row[place] = chance.choice(["", found[-1][place]])
        found.append(row)
    return found


def told(look: Look) -> dict[str, object]:
    said = {name: value for name, value in vars(look).items() if name != "dates"}
    return said | {"dates": vars(look.dates)}


@pytest.mark.parametrize("seed", range(6))
def test_it_understands_a_log_the_same_however_many_lines_it_sees_at_once(seed):
    log = [[cell.strip() for cell in row] for row in a_log(seed, 700)]
    chance, one, many = random.Random(seed), Look(), Look()
    for row in log:
        one.add({role: Texts.of([cell]) for role, cell in zip(ROLES, row, strict=True)})
    while log:
        size = chance.choice([1, 2, 7, 60])
        part, log = log[:size], log[size:]
        many.add(dict(zip(ROLES, map(Texts.of, zip(*part, strict=True)), strict=True)))
    assert told(one) == told(many)
    many.add({role: Texts.of([]) for role in ROLES})
    assert told(one) == told(many)


def stored(folder, seed, name):
    path, out = folder / f"{seed}.csv", folder / f"{name}.sqlite3"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *a_log(seed, 1_500)])
    how = reading.detect(path, path.name, {"delimiter": ",", "header_row": 1})
    reading.load_rows(path, path.name, how, out, lambda share, count: None)
    return out


def examined(folder, seed, name, choices=None):
    out = stored(folder, seed, name)
    report = examining.examine(out, dict(zip(ROLES, HEADER, strict=True)), choices or {}, lambda share, count: None)
    with sqlite3.connect(out) as db:
        return report, [db.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall() for table in ("log", "said")]


@pytest.mark.parametrize("seed", range(3))
def test_it_reads_lines_the_same_whether_it_remembers_cells_or_not(tmp_path, monkeypatch, seed):
    remembered = examined(tmp_path, seed, "remembered")
    monkeypatch.setattr(examining, "KNOWN", 1)
    assert examined(tmp_path, seed, "forgotten") == remembered


ALONE = {"fill": "no"}  # each row is read without those above it


@pytest.mark.parametrize("seed", range(4))
def test_it_reads_columns_as_it_reads_one_line_after_the_other(tmp_path, monkeypatch, seed):
    columns = examined(tmp_path, seed, "columns", ALONE)
    seen = []
    monkeypatch.setattr(examining._Reader, "alone", property(lambda self: seen.append(self.once or self.sign)))
    assert examined(tmp_path, seed, "lines", ALONE) == columns
    assert seen
    assert not any(seen)


@pytest.mark.parametrize("seed", range(4))
def test_it_finds_in_memory_what_the_database_finds(tmp_path, seed):
    out = stored(tmp_path, seed, "log")
    places = dict(zip(ROLES, range(len(ROLES)), strict=True))
    with rows.opened(out, write=True) as db:
        db.executescript(examining.SCHEMA)
        with Spool(tmp_path) as spool:
            parts = spool.fill(db, places, 1_500, lambda share, count: None)
            understood = understand(
                parts, places, dict(zip(ROLES, HEADER, strict=True)), {"named": "no", "dates": "dmy"}
            )
            reader = examining._Reader(db, places, understood)
            ledger = examining._walk(db, reader, spool, 1_500, lambda share, count: None)
        db.commit()
        with sqlite3.connect(tmp_path / "other.sqlite3") as other:
            db.backup(other)
            by_database.settle(other)
            examining._settle(db, understood, ledger)
            examining.figures.settle(db, understood.to_json(), ledger)
            flagged = "SELECT id, bits FROM log ORDER BY id"
            assert db.execute(flagged).fetchall() == other.execute(flagged).fetchall()
            for table, query in by_database.FIGURES.items():
                what = "bits, rows" if table == "by_person" else "*"
                assert sorted(db.execute(f"SELECT {what} FROM {table}")) == sorted(other.execute(query)), table


def a_moment(chance: random.Random) -> str:
    """Something like a moment; often a wrong one."""
    year, month, day = (
        chance.choice([1899, 1900, 1970, 2024, 2023, 2100, 2101]),
        chance.randrange(15),
        chance.randrange(33),
    )
    mark = chance.choice("-/.")
    date = chance.choice([f"{year}-{month:02d}-{day:02d}", f"{day:02d}{mark}{month:02d}{mark}{year}"])
    clock = f"{chance.randrange(26):02d}:{chance.choice([0, 30, 59, 60]):02d}"
    more = chance.choice(
        ["", "", f" {clock}", f"T{clock}", f" {clock}:{chance.choice([0, 59, 60]):02d}", f"T{clock}:09"]
    )
    said = date + more
    at = chance.randrange(len(said))
    return (
        said
        if chance.random() < 0.8
        else said[:at] + chance.choice(["x", "١", " ", "-", "年", ":", "0"]) + said[at + 1 :]
    )


@pytest.mark.parametrize("kind", ["ymd", "dmy", "mdy", "seconds", "excel", "compact", "steps", "none"])
def test_it_reads_moments_at_once_as_one_after_the_other(kind):
    chance = random.Random(3)
    texts = [a_moment(chance) for _ in range(6_000)]
    found = dates_at_once.moments(texts, kind).tolist()
    read = [(text, at) for text, at in zip(texts, found, strict=True) if at == at]
    assert [at for _text, at in read] == [dates.parse(text, kind) for text, _at in read]
    assert (len(read) > 1_000) == (kind not in ("compact", "steps", "none"))


def test_a_survey_of_many_cells_says_what_one_of_each_says():
    chance, one, many = random.Random(4), dates.Survey(), dates.Survey()
    texts = [text.strip() for text in (chance.choice([a_moment(chance), "", "n/a", "20240105"]) for _ in range(5_000))]
    for text in texts:
        one.add(text)
    for begin in range(0, len(texts), 700):
        many.add_all(texts[begin : begin + 700])
    assert vars(one) == vars(many)
