"""Orders as shops export them: several products in a cell, what only the first line says, names for codes, states."""

from __future__ import annotations

import csv
import json

import pytest
from django.utils import translation

from projects import datasets, importing, reading, several, uploading
from projects.interactions.events import meaning
from projects.models import Dataset
from tests.projects.checked import checked, column

THINGS = ("Blue mug", "Coffee pot", "Cotton scarf", "Desk lamp", "Lunch box", "Oil lamp", "Seed box", "Wool scarf")


@pytest.fixture(autouse=True)
def in_process(monkeypatch):
    monkeypatch.setattr(reading, "read_guarded", reading.read)
    monkeypatch.setattr(reading, "detect_guarded", reading.detect)
    monkeypatch.setattr(reading, "load_guarded", reading.load_rows)


def taken(n):
    """The products of an order: one to four, no two orders alike for long."""
    return [THINGS[(n * 3 + place * (1 + n % 3)) % 8] for place in range(1 + n % 4)]


def written(file, header, lines):
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *lines])
    return file


def orders(file, cell, many=80):
    """One row an order; CELL writes its products."""
    lines = [[f"{700 + n}", f"2026-03-{n % 28 + 1:02d}", f"c{n % 9}", cell(taken(n))] for n in range(many)]
    return written(file, ["Order ID", "Date", "Customer", "Items"], lines)


JOINED = [
    lambda things: "; ".join(f"{one} × 1" for one in things),
    lambda things: " | ".join(f"2 x {one}" for one in things),
    lambda things: "\n".join(things),
    lambda things: "；".join(f"{one}*3" for one in things),
    lambda things: "、".join(things),
    lambda things: ", ".join(things),
    lambda things: ", ".join(f"{one} (x2)" for one in things),
    lambda things: json.dumps(things),
    lambda things: json.dumps([{"name": one, "quantity": 2} for one in things]),
]


@pytest.mark.parametrize("cell", JOINED)
def test_it_takes_the_products_of_an_order_apart(cell, tmp_path):
    found = checked("recommendation", orders(tmp_path / "orders.csv", cell))
    assert (found["refused"], column(found, "item")) == (None, "Items")
    assert found["rows"] == sum(len(taken(n)) for n in range(80))
    assert {one["item"] for one in found["first"]} <= set(THINGS)
    assert any("hold several things" in note and " Yes. " in note for note in found["notes"])


def test_it_counts_the_pieces_and_leaves_sizes_alone():
    def read(cell, sign):
        return [(part.name, part.many) for part in several.parts(cell, sign)]

    assert read("3 x Mug; Pot x 2; Lamp ×4; Box (x5); Cup", ";") == [
        ("Mug", 3), ("Pot", 2), ("Lamp", 4), ("Box", 5), ("Cup", 1),
    ]  # fmt: skip
    assert read("Shirt XL; Frame 20 x 30; iPhone 14; 4x4 tyre; Xbox", ";") == [
        ("Shirt XL", 1), ("Frame 20 x 30", 1), ("iPhone 14", 1), ("4x4 tyre", 1), ("Xbox", 1),
    ]  # fmt: skip
    both = json.dumps([{"item_id": "p1", "item_name": "Mug", "quantity": 2}])
    assert several.parts(both, several.LISTED) == [several.Part("p1", 2.0, "Mug")]


@pytest.mark.parametrize(
    "cells",
    [
        [f"{thing}, {colour}" for thing in THINGS for colour in ("red", "blue", "green")] * 4,  # a thing and its colour
        [f"The {thing} came late; nobody answered {n} times." for n, thing in enumerate(THINGS * 9)],
        [f"Drama|Comedy {n}" for n in range(60)],
        ["Salt, pepper", "Oil"] * 40,
    ],
)
def test_it_leaves_a_name_with_a_sign_in_it_whole(cells):
    assert several.find(cells) is None or not several.find(cells).clear


def shopify(file, blank=True, code=lambda n, at: f"SKU{n % 8}"):
    """Several lines an order; what belongs to the order stands in the first."""
    lines = []
    for n in range(60):
        for at, thing in enumerate(taken(n)):
            first = at == 0 or not blank
            order = [
                f"c{n % 9}@example.org" if first else "",
                "paid" if first and n % 7 else "refunded" if first else "",
            ]
            at_what = THINGS.index(thing)
            lines.append([f"#{1000 + n}", *order, f"2026-03-{n % 28 + 1:02d} 10:00:00 +0100", thing, code(at_what, n)])
    return written(file, ["Name", "Email", "Financial Status", "Created at", "Lineitem name", "Lineitem sku"], lines)


def test_it_fills_what_only_the_first_line_of_an_order_says(tmp_path):
    sparse = checked("recommendation", shopify(tmp_path / "sparse.csv"))
    full = checked("recommendation", shopify(tmp_path / "full.csv", blank=False))
    assert (column(sparse, "basket"), column(sparse, "kind")) == ("Name", "Financial Status")
    assert (sparse["kept"], sparse["dropped"]) == (full["kept"], full["dropped"])
    assert sparse["dropped"].keys() == {"kind_out"}  # a refunded order takes back itself, no earlier one
    assert any("first line of an order" in note for note in sparse["notes"])
    assert not any("first line of an order" in note for note in full["notes"])


def test_it_does_not_give_one_guest_the_name_of_another(tmp_path):
    lines = [[f"R{n}", f"c{n % 9}" if n % 3 else "", THINGS[n % 8], f"2026-03-{n % 28 + 1:02d}"] for n in range(90)]
    found = checked("recommendation", written(tmp_path / "till.csv", ["receipt", "customer", "item", "date"], lines))
    assert found["dropped"] == {"guest": 30}


def test_it_takes_the_name_where_the_code_is_missing(tmp_path):
    some = checked(
        "recommendation", shopify(tmp_path / "some.csv", code=lambda what, n: "" if n % 5 == 0 else f"S{what}")
    )
    every = checked("recommendation", shopify(tmp_path / "every.csv", code=lambda what, n: f"S{what}"))
    assert some["kept"] == every["kept"]
    assert {one["item"] for one in some["first"]} <= {f"S{n}" for n in range(8)}  # the code the name has elsewhere
    none = checked(
        "recommendation", shopify(tmp_path / "none.csv", code=lambda what, n: "" if what == 3 else f"S{what}")
    )
    assert none["kept"] == every["kept"]
    assert any("no code" in note for note in none["notes"])


STATES = {
    "return": ["Refunded", "wc-refunded", "已退款", "erstattet", "remboursé", "reembolsado", "rimborsato", "devolvido", "terugbetaald", "zwrócone", "возврат", "返金済み", "환불 완료", "iade edildi", "İade edildi", "مرتجع", "vráceno", "palautettu"],
    "cancel": ["cancelled", "Canceled", "wc-cancelled", "voided", "交易关闭", "已取消", "storniert", "annulé", "cancelado", "annullato", "geannuleerd", "anulowane", "отменён", "キャンセル", "취소됨", "주문취소", "iptal edildi", "makulerad", "İptal edildi", "ملغي", "zrušeno", "peruttu", "removed from cart"],
    "buy": ["paid", "completed", "wc-processing", "Shipped", "partially_refunded", "teilweise erstattet", "交易成功", "退款关闭", "bezahlt", "payée", "entregado", "ordine spedito", "pago", "verzonden", "zrealizowane", "оплачен", "注文済み", "배송완료", "주문 완료", "teslim edildi", "Kargoda", "تم التوصيل", "doručeno", "toimitettu"],
    "cart": ["add_to_cart", "addtocart", "等待买家付款", "Pending payment", "unbezahlt", "en attente de paiement", "pendiente de pago"],
    "view": ["page_view", "view_item", "浏览"],
    "click": ["click", "play"],
}  # fmt: skip


@pytest.mark.parametrize(("means", "kind"), [(means, kind) for means, kinds in STATES.items() for kind in kinds])
def test_it_knows_what_the_state_of_an_order_means_in_many_languages(means, kind):
    assert meaning(kind)[0] == means


@pytest.mark.parametrize(
    ("name", "says"), [("Cancelled at", "2026-03-09 10:00"), ("是否取消", "是"), ("Storniert am", "09.03.2026")]
)
def test_it_leaves_out_orders_that_a_column_of_its_own_calls_cancelled(name, says, tmp_path):
    """A shop fills that in the first line of an order only; a no is none."""
    no = "否" if says == "是" else ""
    lines = [
        [
            f"#{n // 2}",
            f"c{n // 2 % 9}",
            THINGS[n % 7],
            f"2026-03-{n // 2 % 28 + 1:02d}",
            (says if n % 8 == 0 else no if n % 2 == 0 else ""),
        ]
        for n in range(160)
    ]
    file = written(tmp_path / "orders.csv", ["Order", "Customer", "Item", "Date", name], lines)
    found = checked("recommendation", file)
    assert column(found, "cancelled") == name
    assert (found["kept"], found["dropped"]) == (120, {"cancelled": 40})


def test_customer_number_nought_of_a_shop_is_a_guest(tmp_path):
    lines = [[n, 0 if n % 3 == 0 else 10 + n % 20, f"2026-03-{n % 28 + 1:02d}", THINGS[n % 7]] for n in range(120)]
    found = checked("recommendation", written(tmp_path / "o.csv", ["Order ID", "Customer ID", "Date", "Item"], lines))
    assert found["dropped"] == {"guest": 40}


def test_person_number_nought_of_a_log_is_a_person(tmp_path):
    lines = [[0 if n % 4 == 0 else n % 40, THINGS[n % 7], 1772300000 + n * 5000] for n in range(400)]
    found = checked("recommendation", written(tmp_path / "l.csv", ["user", "item", "timestamp"], lines))
    assert "guest" not in found["dropped"]


def test_it_takes_the_address_where_guests_have_no_number(tmp_path):
    lines = [
        [n, n % 20 if n % 4 else "", f"c{n % 20}@example.org", f"2026-03-{n % 28 + 1:02d}", THINGS[n % 7]]
        for n in range(120)
    ]
    header = ["Order ID", "Customer ID", "Customer Email", "Date", "Item"]
    found = checked("recommendation", written(tmp_path / "o.csv", header, lines))
    assert (column(found, "person"), found["dropped"]) == ("Customer Email", {})


def test_it_takes_the_moment_and_the_visitor_of_an_analytics_export(tmp_path):
    file = tmp_path / "ga4.json"
    file.write_text(
        "\n".join(
            json.dumps({
                "event_date": f"202603{n % 28 + 1:02d}", "event_timestamp": str(1772300000000000 + n * 10**6),
                "event_name": ("view_item", "add_to_cart", "purchase")[n % 3], "user_pseudo_id": f"{n % 9}.17",
                "items": [{"item_id": f"p{n % 8}", "item_name": THINGS[n % 8]}],
            })
            for n in range(120)
        )
    )  # fmt: skip
    found = checked("recommendation", file)
    wanted = {"person": "user_pseudo_id", "item": "items[0].item_id", "when": "event_timestamp", "kind": "event_name"}
    assert {role: column(found, role) for role in wanted} == wanted


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_person_turns_each_of_these_off_and_undoes_it(language, project, owner, as_, tmp_path):
    project.use_case = "recommendation"
    project.save()
    owner.language = language
    owner.save()
    file = shopify(tmp_path / "orders.csv", code=lambda what, n: "" if n % 5 == 0 else f"S{what}")
    dataset = datasets.create_dataset(project, uploading.store(project, owner, "o.csv", [file.read_bytes()]), owner)
    client, address = as_(owner), f"/datasets/{dataset.pk}/"

    def now(path="", **form):
        if path:
            assert client.post(f"{address}{path}/", form).status_code == 302
        dataset.refresh_from_db()
        importing.read(dataset)
        assert dataset.state == Dataset.State.CHECKING, dataset.error
        return client.get(address).content.decode()

    text = now()
    with translation.override(language):
        assert str(translation.gettext("Codes are missing. Take the names?")) in text
    kept = importing.families.of("recommend").kept(dataset)
    for flag in ("fill", "named"):
        assert f'id="set-{flag}"' in text
        now("choice", flag=flag, choice="no")
        assert importing.families.of("recommend").kept(dataset) < kept
        text = now("undo")
        assert importing.families.of("recommend").kept(dataset) == kept
    assert client.post(f"{address}use/").status_code == 302
    dataset.refresh_from_db()
    importing.finish(dataset)
    assert (dataset.state, dataset.counts["kept"]) == (Dataset.State.READY, kept)
    assert client.get(address).status_code == 200


@pytest.mark.django_db
def test_a_person_takes_apart_what_could_be_one_name_and_undoes_it(project, owner, as_, tmp_path):
    project.use_case = "recommendation"
    project.save()
    pairs = [f"{THINGS[n % 4]}, {THINGS[4 + (n // 4 + n) % 4]}" if n % 3 else f"{THINGS[n % 8]}" for n in range(40)]
    lines = [[f"{n}", f"c{n % 9}", pair, f"2026-03-{n % 28 + 1:02d}"] for n, pair in enumerate(pairs)]
    file = written(tmp_path / "orders.csv", ["Order ID", "Customer", "Items", "Date"], lines)
    found = checked("recommendation", file)
    assert [one["id"] for one in found["offers"]] == ["several-cells"]
    assert checked("recommendation", file, "--accept", "several")["rows"] > found["rows"]
    dataset = datasets.create_dataset(project, uploading.store(project, owner, "o.csv", [file.read_bytes()]), owner)
    importing.read(dataset)
    client, address = as_(owner), f"/datasets/{dataset.pk}/"
    assert "Please look" in client.get(address).content.decode()
    before = dataset.report["rows"]
    for path, form, more in (("choice", {"flag": "several", "choice": "yes"}, True), ("undo", {}, False)):
        assert client.post(f"{address}{path}/", form).status_code == 302
        dataset.refresh_from_db()
        importing.read(dataset)
        assert (dataset.report["rows"] > before) is more


def test_it_gives_back_the_zeros_that_a_spreadsheet_took_away(tmp_path):
    def log(name, code):
        lines = [[f"c{n % 9}", code(n), f"2026-03-{n % 28 + 1:02d} {n % 24}:00"] for n in range(80)]
        return checked("recommendation", written(tmp_path / name, ["customer", "item", "date"], lines), *more)

    more: tuple[str, ...] = ()
    mixed = log("mixed.csv", lambda n: f"{n % 8 + 5:03d}" if n % 3 else f"{n % 8 + 5}")
    assert {one["item"] for one in mixed["first"]} <= {f"{n:03d}" for n in range(5, 13)}
    items = written(tmp_path / "items.csv", ["sku", "title"], [[f"{n + 5:03d}", THINGS[n]] for n in range(8)])
    more = ("--items", str(items))
    assert log("bare.csv", lambda n: f"{n % 8 + 5}")["refused"] is None


@pytest.mark.django_db
def test_a_table_of_items_fits_a_log_without_its_zeros(project, owner, tmp_path):
    from projects import item_tables

    project.use_case = "recommendation"
    project.save()
    lines = [[f"c{n % 9}", f"{n % 8 + 5}", f"2026-03-{n % 28 + 1:02d} {n % 24}:00"] for n in range(80)]
    log = written(tmp_path / "log.csv", ["customer", "item", "date"], lines)
    table = written(tmp_path / "items.csv", ["sku", "title"], [[f"{n + 5:03d}", THINGS[n]] for n in range(8)])
    dataset = datasets.create_dataset(project, uploading.store(project, owner, "l.csv", [log.read_bytes()]), owner)
    importing.read(dataset)
    item_tables.add(dataset, uploading.store(project, owner, "i.csv", [table.read_bytes()]), owner)
    importing.read(dataset)
    dataset.items_mapping = {"item": "sku", "title": "title"}
    dataset.save(update_fields=["items_mapping"])
    importing.finish(dataset)
    found = [json.loads(line) for line in (dataset.folder / "items.jsonl").read_text().splitlines()]
    assert {one["item"]: one["title"] for one in found} == {str(n + 5): THINGS[n] for n in range(8)}
