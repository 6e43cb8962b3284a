"""Another recommender is shown the people whose next purchases it does not know, and both lists are held together."""

from __future__ import annotations

from tests.training.ml.recommend.conftest import customers, write
from training.ml import comparing, families, recommend, versus


def test_it_asks_only_of_what_is_not_in_its_log(shop_run, report, shop_data, encoder, place):
    later = [
        {"person": f"p{person}", "item": item, "when": 1.7e9, "weight": 1.0, "basket": f"{person}/9"}
        for person in range(30)
        for item in (("g0r", "g1b"), ("k0r", "k1b"), ("t0r", "t1b"), ("o0r", "o1b"))[person % 4]
    ]
    grown = write(place / "grown-shop", [*customers(), *later])
    fresh = recommend.evaluate(shop_run.model, grown, encoder, encoder).to_json()
    try:
        rows = comparing.unseen(fresh, report, shop_data)
        assert 0 < len(rows) <= 30
        assert all(item[1] in "01" for row in rows for item in row.taken)
        rival = versus.Rival(shop_run.model, shop_data, encoder, encoder, "tuned")
        said = recommend.ask(shop_run.model, grown, encoder, rows, rival)
        assert all(len(shown) == 10 for shown in said.values())
        for row in rows:
            assert set(row.history).isdisjoint(said[families.of("recommend").versus.key(row)])
        found = comparing.compare(fresh, "tuned", comparing.answers(report, "tuned") | said)
        assert found.rows >= len(rows)
        assert found.word in ("same", "unknown"), "it is the same version, so neither can be better"
    finally:
        recommend.evaluate(shop_run.model, shop_data, encoder, encoder)  # the report of the shared model, as it was


def test_it_keeps_the_lists_of_the_best_simple_method(report):
    best = report["best_simple"]
    found = comparing.compare(report, best, comparing.answers(report, "tuned"))
    assert found.rows == len(report["rows"])
    again = comparing.compare(report, "tuned", comparing.answers(report, best))
    assert {found.word, again.word} in ({"same"}, {"better", "worse"})
