"""A second look at a whole log that leaves everything to the database, as plainly as it can be said: for tests only, which
hold the quick one to it."""

from __future__ import annotations

import json
from itertools import groupby

from projects.interactions.examining import _BROKEN, _FEES, MANY_TIMES, NOBODY, titles
from projects.interactions.flags import BITS

FIGURES = {
    "by_person": "SELECT bits, count(*) FROM log GROUP BY person, bits",
    "by_item": "SELECT item, bits, count(*) FROM log GROUP BY item, bits",
    "by_day": "SELECT CAST(at / 86400 AS INTEGER), bits, count(*) FROM log WHERE at IS NOT NULL GROUP BY 1, bits",
    "by_pair": "SELECT bits, count(*) FROM (SELECT min(bits) AS bits FROM log GROUP BY person, item) GROUP BY bits",
    "by_basket": "SELECT bits, count(*) FROM (SELECT min(bits) AS bits FROM log WHERE basket IS NOT NULL GROUP BY basket) GROUP BY bits",
    "combinations": "SELECT bits, count(*) FROM log GROUP BY bits",
}


def settle(db):
    """Flags what needs all lines at once."""
    fees(db)
    nobody(db)
    returned(db)
    db.execute(
        "UPDATE log SET bits = bits | ? WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER"
        " (PARTITION BY person, item, at, CASE WHEN at IS NULL THEN basket END ORDER BY weight DESC, id) AS place"
        " FROM log WHERE bits & ? = 0) WHERE place > 1)",
        (BITS["duplicate"], _BROKEN),
    )


def fees(db):
    codes = "SELECT DISTINCT item FROM log WHERE item != '' AND NOT named"
    total, with_digits = db.execute(f"SELECT count(*), coalesce(sum(item GLOB '*[0-9]*'), 0) FROM ({codes})").fetchone()
    found = []
    if total >= 20 and with_digits >= 0.95 * total:
        found = [item for (item,) in db.execute(f"{codes} AND NOT item GLOB '*[0-9]*'")]
    found += [item for item, title in db.execute(titles(db)) if _FEES.fullmatch(title.strip())]
    mark = "UPDATE log SET bits = bits | ? WHERE item IN (SELECT value FROM json_each(?))"
    db.execute(mark, (BITS["not_product"], json.dumps(found)))


def nobody(db):
    baskets = db.execute("SELECT 1 FROM log WHERE basket IS NOT NULL LIMIT 1").fetchone() is not None
    many, people = db.execute("SELECT count(*), count(DISTINCT person) FROM log WHERE person != ''").fetchone()
    next_to = db.execute("SELECT count(DISTINCT person) FROM log WHERE person IN ('1', '2', '3')").fetchone()[0]
    for person in NOBODY:
        own = db.execute("SELECT count(*) FROM log WHERE person = ?", (person,)).fetchone()[0]
        usual = (many - own) / max(1, people - 1)
        if own and people > 2 and (next_to < 3 or baskets) and own >= max(10, MANY_TIMES * usual):
            db.execute("UPDATE log SET bits = bits | ? WHERE person = ?", (BITS["guest"], person))


def returned(db):
    back, out = BITS["return"], BITS["guest"] | BITS["no_item"] | BITS["no_time"]
    found = db.execute(
        "SELECT person, item, id, quantity, bits FROM log WHERE NOT bits & ? ORDER BY person, item, at, bits & ?, id",
        (out, back),
    ).fetchall()
    for _pair, lines in groupby(found, key=lambda row: row[:2]):
        bought = []
        for _person, _item, line, quantity, bits in lines:
            if not bits & back:
                bought.append([line, abs(quantity)])
                continue
            left = abs(quantity) or 1.0
            while bought and left > 0:
                taken = min(left, bought[-1][1])
                left, bought[-1][1] = left - taken, bought[-1][1] - taken
                if bought[-1][1] <= 0:
                    db.execute("UPDATE log SET bits = bits | ? WHERE id = ?", (BITS["returned"], bought.pop()[0]))
