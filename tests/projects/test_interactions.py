"""A log of who took what when, from a file to the files that learning reads."""

from __future__ import annotations

import itertools
import json

import pytest

from projects import datasets, importing, item_tables, reading, uploading
from projects.models import Dataset, Project
from tests.data import shared_data

pytestmark = pytest.mark.django_db
State = Dataset.State
INVOICES = """Invoice,Code,Name,Quantity,Date,Price,Customer
5001,A100,Red kettle,2,03/04/2024 09:15,24.50,17
5001,A200,Paper filters,1,03/04/2024 09:15,3.20,17
5001,A200,Paper filters,3,03/04/2024 09:15,3.20,17
5001,POST,POSTAGE,1,03/04/2024 09:15,4.00,17
5002,A100,Red kettle,1,13/04/2024 10:00,24.50,18
5002,A300,Hand grinder,1,13/04/2024 10:00,39.00,18
5003,A300,Hand grinder,1,14/04/2024 11:00,39.00,
C5004,A300,Hand grinder,-1,15/04/2024 12:00,39.00,18
5005,A400,Tea tin,1,someday,9.00,19
5006,,,1,16/04/2024 12:00,9.00,19
5007,A400,Tea tin (green),1,17/04/2024 12:00,9.00,19
5008,A400,Tea tin,1,18/04/2024 12:00,9.50,17
"""


@pytest.fixture
def shop(project):
    project.use_case = "recommendation"
    project.save()
    return project


@pytest.fixture(autouse=True)
def in_process(monkeypatch):
    monkeypatch.setattr(reading, "read_guarded", reading.read)


def bring(project: Project, user, text: str, **given) -> Dataset:
    upload = uploading.store(project, user, "log.csv", [text.encode()])
    dataset = datasets.create_dataset(project, upload, user, **given)
    importing.read(dataset)
    assert dataset.state == State.CHECKING, dataset.error
    return dataset


def beside(dataset: Dataset, user, text: str) -> Dataset:
    item_tables.add(dataset, uploading.store(dataset.project, user, "items.csv", [text.encode()]), user)
    importing.read(dataset)
    assert dataset.state == State.CHECKING, dataset.error
    return dataset


def done(dataset: Dataset) -> Dataset:
    importing.finish(dataset)
    assert dataset.state == State.READY, dataset.error
    return dataset


def lines(dataset: Dataset, name: str = "interactions.jsonl") -> list[dict]:
    return [json.loads(line) for line in (dataset.folder / name).read_text(encoding="utf-8").splitlines()]


def test_it_reads_invoices_as_they_are(shop, owner):
    dataset = bring(shop, owner, INVOICES)
    assert dataset.mapping["person"] == "Customer"
    assert dataset.mapping["item"] == "Code"
    assert dataset.mapping["when"] == "Date"
    assert dataset.mapping["basket"] == "Invoice"
    assert dataset.mapping["quantity"] == "Quantity"
    assert dataset.mapping["title"] == "Name"
    flags = dataset.report["flags"]
    assert flags == {
        "guest": 1, "return": 1, "returned": 1, "no_time": 1, "no_item": 1, "not_product": 1, "duplicate": 1,
    }  # fmt: skip
    assert dataset.report["understood"]["when"]["kind"] == "dmy"
    done(dataset)
    assert [(line["person"], line["item"]) for line in lines(dataset)] == [
        ("17", "A100"), ("17", "A200"), ("18", "A100"), ("19", "A400"), ("17", "A400"),
    ]  # fmt: skip
    assert lines(dataset)[0] == {"person": "17", "item": "A100", "when": 1712135700.0, "weight": 1.0, "basket": "5001"}
    counts = dataset.counts
    assert (counts["rows"], counts["kept"], counts["dropped"]) == (12, 5, 7)
    assert (counts["people"], counts["items"], counts["interactions"], counts["train"]) == (3, 3, 5, 5)
    items = {line["item"]: line for line in lines(dataset, "items.jsonl")}
    assert items["A400"] == {
        "item": "A400", "title": "Tea tin", "text": "", "category": None, "price": 9.0, "picture": None, "link": None,
        "available": True, "currency": None,
    }  # fmt: skip
    facts = json.loads((dataset.folder / "dataset.json").read_text())
    assert facts["people"] == 3
    assert facts["from"].startswith("2024-04-03")
    assert facts["density"] == round(5 / 9, 6)
    reasons = (dataset.folder / "dropped.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(reasons) == 8
    assert any(line.startswith("9,return") for line in reasons), reasons


def test_it_survives_numbers_that_are_none(shop, owner):
    log = ["user,product,quantity,price,day"]
    log += [
        f"u{n % 30},p{n % 25},{'NaN' if n % 7 == 0 else 1},{'1e999' if n % 5 == 0 else 3.5},{n}" for n in range(300)
    ]
    log += ["u1,p1,1,inf," + "9" * 400, "u2,p2," + "9" * 400 + ",2,3"]
    dataset = done(bring(shop, owner, "\n".join(log)))
    table = "product,name,price\n" + "".join(f"p{n},Thing {n},{'inf' if n == 3 else 4}\n" for n in range(25))
    dataset = done(beside(bring(shop, owner, "\n".join(log)), owner, table))
    for name in ("interactions.jsonl", "items.jsonl"):
        text = (dataset.folder / name).read_text()
        assert "NaN" not in text and "Infinity" not in text


@pytest.mark.parametrize(
    ("name", "price", "read"),
    [
        ("Price (EUR)", "24,50", (24.5, "EUR")), ("Preis in €", "24,50", (24.5, "EUR")), ("price", "€24.50", (24.5, "EUR")),
        ("price", "24,50 EUR", (24.5, "EUR")), ("price", "$24.50", (24.5, "$")), ("单价（元）", "24.50", (24.5, "CNY")),
        ("price", "US$ 24.50", (24.5, "USD")), ("price", "24.50", (24.5, None)), ("Pen price", "24.50", (24.5, None)),
    ],
)  # fmt: skip
def test_it_keeps_the_money_that_a_column_or_a_cell_names(shop, owner, name, price, read):
    table = f"sku;title;{name}\n" + "".join(f"A{n}00;Thing {n};{price}\n" for n in range(1, 9))
    dataset = done(beside(bring(shop, owner, INVOICES), owner, table))
    items = {line["item"]: line for line in lines(dataset, "items.jsonl")}
    assert (items["A700"]["price"], items["A700"]["currency"]) == read


def test_it_keeps_the_money_of_the_log_itself(shop, owner):
    log = ["Kunde;Artikel;Bezeichnung;Preis (CHF);Datum"]
    log += [f"K{n % 30};A{n % 25};Tasse {n % 25};{n % 25 + 5},90;{n % 27 + 1:02}.03.2024" for n in range(300)]
    dataset = done(bring(shop, owner, "\n".join(log)))
    assert {(one["price"] is not None, one["currency"]) for one in lines(dataset, "items.jsonl")} == {(True, "CHF")}


def test_it_puts_the_table_of_items_beside_the_log(shop, owner):
    table = (
        "sku;name;genre;about;price;img;page;in stock;colour\n"
        "A100;Red kettle 1.5 l;Kettles|Kitchen;<b>Boils</b> fast.;24,50;https://shop.example/a100.jpg;https://shop.example/a100;3;red\n"
        "A400;Green tea tin;Tins;;9,00;javascript:alert(1);;out of stock;green\n"
        "A900;Blue teapot;Pots;Holds six cups.;31,00;;;yes;blue\n"
    )
    dataset = done(beside(bring(shop, owner, INVOICES), owner, table))
    items = {line["item"]: line for line in lines(dataset, "items.jsonl")}
    assert items["A100"] == {
        "item": "A100", "title": "Red kettle 1.5 l", "text": "Boils fast. colour: red", "category": "Kettles, Kitchen", "price": 24.5,
        "picture": "https://shop.example/a100.jpg", "link": "https://shop.example/a100", "available": True,
        "currency": None,
    }  # fmt: skip
    assert items["A400"]["available"] is False
    assert items["A400"]["picture"] is None
    assert items["A900"]["title"] == "Blue teapot"
    assert items["A200"]["title"] == "Paper filters"
    assert dataset.counts["items"] == 4
    assert dataset.counts["taken"] == 3


def test_it_finds_the_ids_of_the_log_under_any_name(shop, owner):
    table = "no;id;label\n1;A100;Kettle\n2;A200;Filters\n3;A400;Tin\n"
    dataset = beside(bring(shop, owner, INVOICES), owner, table)
    assert dataset.items_mapping["item"] == "id"
    table = "id;thing;label\n1;A100;Kettle\n2;A200;Filters\n3;A400;Tin\n"
    dataset = beside(dataset, owner, table)
    assert dataset.items_mapping["item"] == "thing"


def test_it_keeps_the_log_when_the_table_cannot_be_read(shop, owner):
    dataset = beside(bring(shop, owner, INVOICES), owner, "%PDF-1.4 nonsense")
    assert "PDF" in dataset.items_reading["error"]["what"]
    assert dataset.items is None
    assert dataset.report["rows"] == 12


def test_it_takes_liked_films(shop, owner):
    folder = shared_data("movielens_latest_small")
    ratings = (folder / "ratings.csv").read_bytes().splitlines(keepends=True)
    hundred = [line for line in ratings if line.startswith(b"userId") or int(line.partition(b",")[0]) <= 100]
    upload = uploading.store(shop, owner, "ratings.csv", hundred)
    dataset = datasets.create_dataset(shop, upload, owner)
    importing.read(dataset)
    assert dataset.mapping["person"] == "userId"
    assert dataset.mapping["weight"] == "rating"
    item_tables.add(dataset, uploading.store_file(shop, owner, "movies.csv", folder / "movies.csv"), owner)
    importing.read(dataset)
    done(dataset)
    assert dataset.counts["kept"] == 7_839
    assert dataset.counts["items"] == 9_742
    items = {line["item"]: line for line in lines(dataset, "items.jsonl")}
    assert items["1"]["title"] == "Toy Story (1995)"
    assert items["1"]["category"] == "Adventure, Animation, Children, Comedy, Fantasy"
    found = lines(dataset)
    assert all(a["when"] <= b["when"] for a, b in itertools.pairwise(found))
    assert {line["weight"] for line in found} == {1.0, 1.125, 1.25}


def test_it_cleans_a_real_export(shop, owner):
    file = shared_data("online_retail/online_retail_small.csv")
    dataset = datasets.create_dataset(shop, uploading.store_file(shop, owner, file.name, file), owner)
    importing.read(dataset)
    wanted = {
        "person": "CustomerID", "item": "StockCode", "when": "InvoiceDate", "basket": "InvoiceNo", "quantity": "Quantity",
        "title": "Description", "price": "UnitPrice", "weight": None, "kind": None, "category": None, "cancelled": None,
    }  # fmt: skip
    assert dataset.mapping == wanted
    done(dataset)
    items = {line["item"]: line for line in lines(dataset, "items.jsonl")}
    assert items["85123A"]["title"] == "WHITE HANGING HEART T-LIGHT HOLDER"
    assert not {"POST", "M", "D", "BANK CHARGES", "DOT"} & set(items)
    assert dataset.counts["reasons"]["return"] > 50


def test_it_reads_a_workbook(shop, owner):
    file = shared_data("online_retail/online_retail_5000.xlsx")
    dataset = datasets.create_dataset(shop, uploading.store_file(shop, owner, file.name, file), owner)
    importing.read(dataset)
    done(dataset)
    found = lines(dataset)
    assert all(line["person"].isdigit() for line in found), "17850.0 is 17850"
    assert dataset.counts["kept"] > 4_000


def test_it_reads_a_chinese_export(shop, owner):
    rows = "\n".join(
        f"会员{n % 9},P{n % 7},绿茶{n % 7}号,1,2024年3月{n % 28 + 1}日 {n % 24}:05,39.9" for n in range(80)
    )
    text = f"会员编号,商品编号,商品名称,数量,下单时间,单价\n{rows}\n"
    upload = uploading.store(shop, owner, "订单.csv", [text.encode("gb18030")])
    dataset = datasets.create_dataset(shop, upload, owner)
    importing.read(dataset)
    done(dataset)
    assert (dataset.counts["people"], dataset.counts["items"]) == (9, 7)
    assert lines(dataset, "items.jsonl")[3]["title"] == "绿茶3号"
    assert lines(dataset)[0]["when"] == 1_709_251_500.0


def test_it_hides_the_addresses_of_people(shop, owner):
    rows = "\n".join(f"anna{n % 8}@mail.example,i{n % 9},2024-05-{n % 28 + 1:02d}" for n in range(70))
    dataset = bring(shop, owner, f"email,item,date\nguest,i1,2024-05-01\n{rows}\n")
    assert dataset.report["flags"]["personal"] == 70
    assert dataset.report["flags"]["guest"] == 1
    done(dataset)
    text = (dataset.folder / "interactions.jsonl").read_text()
    assert "@" not in text
    assert dataset.counts["people"] == len({line["person"] for line in lines(dataset)}) == 8


def test_it_takes_names_for_items_where_there_are_no_numbers(shop, owner):
    rows = "\n".join(f"m{n % 9},2024-05-{n % 28 + 1:02d},{('milk', 'rye bread', 'butter')[n % 3]}" for n in range(60))
    dataset = bring(shop, owner, f"Member_number,Date,itemDescription\n{rows}\n")
    assert dataset.mapping["item"] == "itemDescription"
    assert "not_product" not in dataset.report["flags"], "names without digits are fine where all are names"


def test_it_goes_without_times(shop, owner):
    rows = "\n".join(f"u{n % 9},i{n * n % 17}" for n in range(100))
    dataset = done(bring(shop, owner, f"user,item\n{rows}\n"))
    found = lines(dataset)
    assert {line["when"] for line in found} == {None}
    assert [line["item"] for line in found[:4]] == ["i0", "i1", "i4", "i9"], "the order of the file"


def test_it_takes_back_as_much_as_came_back(shop, owner):
    text = "customer,item,quantity,date\n" + "\n".join(
        [
            "a,k1,3,2024-01-01", "a,k1,2,2024-01-05", "a,k1,-2,2024-01-09", "a,k1,-1,2024-01-10",  # the first stays
            "b,k1,1,2024-01-01", "b,k1,-1,2023-12-01",  # a return before the purchase takes nothing back
            "c,k2,4,2024-02-01", "c,k2,-4,2024-02-01",  # at the same moment
        ]
    )  # fmt: skip
    dataset = bring(shop, owner, text)
    assert dataset.report["flags"] == {"return": 4, "returned": 2}
    assert importing.families.of("recommend").kept(dataset) == 2


def test_it_takes_a_zero_for_no_rating_where_most_did_not_rate(shop, owner):
    rows = "\n".join(f"u{n % 12},b{n % 8},{0 if n % 2 else n % 10 + 1}" for n in range(120))
    dataset = bring(shop, owner, f"User-ID,ISBN,Book-Rating\n{rows}\n")
    about = dataset.report["understood"]["weight"]
    assert (about["kind"], about["unrated"], about["liked"]) == ("stars", True, 9.0)
    done(dataset)
    assert sum(line["weight"] == 1.0 for line in lines(dataset)) >= 60 - dataset.report["flags"].get("duplicate", 0)


@pytest.mark.parametrize(
    ("kind", "means"),
    [
        ("pv", "view"), ("add_to_cart", "cart"), ("removefromcart", "cancel"), ("begin_checkout", "cart"), ("收藏", "wish"),
        ("退货", "return"), ("Shipped - Delivered", "buy"), ("bookmark", "wish"), ("impression", "shown"), ("4", "other"),
        ("dislike", "cancel"), ("article read", "click"),
    ],
)  # fmt: skip
def test_it_knows_what_kinds_of_events_mean(kind, means):
    from projects.interactions.events import meaning

    assert meaning(kind)[0] == means
