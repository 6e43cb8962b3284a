"""What `quickstart` does with a log before it trains: the log, the item table, the test file, wrong columns."""

from __future__ import annotations

import io
import json

import pytest

from projects.errors import UserError
from projects.models import Dataset
from studio.bar import Bar
from studio.management.commands.quickstart import Asked, Road
from tests.data import shared_data
from tests.projects.test_interactions import in_process as in_process
from tests.projects.test_interactions import lines

pytestmark = pytest.mark.django_db
LOG = "uid,thing,day,kind\n" + "\n".join(
    f"p{n % 11},t{n % 13},{n % 28 + 1:02d}.{n % 12 + 1:02d}.2024,{('buy', 'look at')[n % 2]}" for n in range(200)
)
TABLE = "nr,label,extra\n" + "\n".join(f"t{n},Thing {n},Made of wood {n}" for n in range(15))


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setattr("projects.tasks.read_dataset.delay_on_commit", lambda pk: None)
    monkeypatch.setattr("projects.tasks.import_dataset.delay_on_commit", lambda pk: None)


def walk(tmp_path, log=LOG, table=TABLE, test=None, maps=(), case="recommendation"):
    """Everything up to the training; the dataset."""
    files = {}
    for name, text in (("file", log), ("items", table), ("test", test)):
        files[name] = tmp_path / f"{name}.csv" if text else None
        if text:
            files[name].write_text(text, encoding="utf-8")
    road = Road(Asked(case, **files, map=list(maps), preset="quick"), Bar(io.StringIO()))
    seen: list[Dataset] = []

    def stop(dataset, test):
        seen.append(dataset)
        raise KeyboardInterrupt

    road.train = stop
    with pytest.raises(KeyboardInterrupt):
        road.walk()
    return seen[0]


def test_it_takes_a_log_and_its_items(tmp_path):
    dataset = walk(tmp_path, maps=["item=thing"])
    assert dataset.state == Dataset.State.READY
    assert dataset.counts["items"] == 15
    items = {line["item"]: line for line in lines(dataset, "items.jsonl")}
    assert items["t14"]["title"] == "Thing 14"
    assert items["t14"]["text"] == "Made of wood 14"


def test_it_takes_columns_of_the_item_table_by_name(tmp_path):
    dataset = walk(tmp_path, maps=["item=thing", "items.title=extra", "items.text=label"])
    items = {line["item"]: line for line in lines(dataset, "items.jsonl")}
    assert items["t3"]["title"] == "Made of wood 3"


def test_it_writes_the_test_file_down_beside_the_log(tmp_path):
    test = "uid,thing,day,kind\np1,t2,29.12.2024,buy\np2,t99,30.12.2024,buy\n,t1,30.12.2024,buy\n"
    dataset = walk(tmp_path, test=test, maps=["item=thing"])
    found = lines(dataset, "test_interactions.jsonl")
    assert [(line["person"], line["item"]) for line in found] == [("p1", "t2"), ("p2", "t99")]
    assert dataset.counts["test"] == 2
    assert "t99" in {line["item"] for line in lines(dataset, "items.jsonl")}
    facts = json.loads((dataset.folder / "dataset.json").read_text())
    assert facts["interactions"] == len(lines(dataset))


def test_it_reads_the_dates_of_the_test_file_like_those_of_the_log(tmp_path):
    log = LOG.replace(".", "/")
    dataset = walk(tmp_path, log=log, test="uid,thing,day,kind\np1,t2,1/2/2025,buy\n", maps=["item=thing"])
    assert dataset.report["understood"]["when"]["kind"] == "dmy"
    assert lines(dataset, "test_interactions.jsonl")[0]["when"] == 1_738_368_000.0


@pytest.mark.parametrize(
    ("maps", "table", "said"),
    [
        (["items.colour=x"], TABLE, "no role colour"),
        (["item=thing", "items.title=colour"], TABLE, "no column “colour”"),
        (["item=thing"], "%PDF-1.4", "PDF"),
        (["when=day", "person=kind", "item=nothing"], TABLE, "no column “nothing”"),
    ],
)
def test_it_says_what_to_do_about_wrong_columns(tmp_path, maps, table, said):
    with pytest.raises(UserError) as error:
        walk(tmp_path, maps=maps, table=table)
    assert said in str(error.value)


@pytest.mark.slow
def test_it_takes_the_whole_retail_file_in_little_memory(tmp_path, project, owner):
    import resource

    from projects import datasets, importing, uploading

    file = shared_data("online_retail/online_retail.csv.gz")
    project.use_case = "recommendation"
    project.save()
    dataset = datasets.create_dataset(project, uploading.store_file(project, owner, file.name, file), owner)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    importing.read(dataset)
    importing.finish(dataset)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000, "kB"
    counts = dataset.counts
    assert (counts["rows"], counts["people"]) == (130_868, 1_282)
    assert counts["kept"] + counts["dropped"] == counts["rows"]
    assert counts["reasons"]["guest"] == 3_000
    assert counts["reasons"]["return"] > 2_700
    assert sum(1 for _line in (dataset.folder / "dropped.csv").open(encoding="utf-8")) > counts["dropped"]
    codes = {line["item"] for line in lines(dataset, "items.jsonl")}
    assert all(any(letter.isdigit() for letter in code) for code in codes)
