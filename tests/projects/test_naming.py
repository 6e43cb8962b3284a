"""A table of texts with numbers for labels, and beside it in the archive what the numbers are called."""

from __future__ import annotations

import json
import zipfile

import pytest

from projects import reading
from tests.projects.checked import checked

NAMES = ["billing", "delivery", "returns"]


@pytest.fixture(autouse=True)
def in_process(monkeypatch):
    monkeypatch.setattr(reading, "read_guarded", reading.read)
    monkeypatch.setattr(reading, "detect_guarded", reading.detect)
    monkeypatch.setattr(reading, "load_guarded", reading.load_rows)


def pack(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def table(first=0, column="label", many=60):
    return f"text,{column}\n" + "".join(f"Order {n} is not what I wanted,{n % 3 + first}\n" for n in range(many))


BESIDE = {
    "a table": ("labels.csv", "id,name\n0,billing\n1,delivery\n2,returns\n", 0),
    "a table the other way round": ("data/label_map.tsv", "name\tid\nbilling\t0\ndelivery\t1\nreturns\t2\n", 0),
    "a list from nought": ("classes.txt", "billing\ndelivery\nreturns\n", 0),
    "a list from one": ("classes.txt", "billing\ndelivery\nreturns", 1),
    "names by number": ("config.json", json.dumps({"id2label": dict(enumerate(NAMES)), "model": "x"}), 0),
    "numbers by name": ("labels.json", json.dumps({name: number for number, name in enumerate(NAMES, 1)}), 1),
    "a list in JSON": ("label_names.json", json.dumps(NAMES), 0),
}


@pytest.mark.parametrize(("name", "text", "first"), BESIDE.values(), ids=BESIDE)
def test_it_calls_labels_by_the_names_beside_the_table(name, text, first, tmp_path):
    file = pack(tmp_path / "data.zip", {"train.csv": table(first), name: text})
    found = checked("intent_routing", file)
    assert (found["labels"], found["kept"]) == (dict.fromkeys(NAMES, 20), 60)
    assert any("are called by the names in" in one for one in found["notes"])
    assert not any("not read" in one for one in found["warnings"])


OTHERS = {
    "a text about the data": ("README.txt", "Made by the team\nIn three months\nFor nobody else\n", "label"),
    "products": ("products.csv", "id,name\n0,mug\n1,pot\n2,lamp\n", "rating"),
    "labels for other numbers": ("labels.csv", "id,name\n7,mug\n8,pot\n9,lamp\n", "label"),
    "many more than the table has": ("labels.csv", "".join(f"{n},name {n}x\n" for n in range(90)), "label"),
}


@pytest.mark.parametrize(("name", "text", "column"), OTHERS.values(), ids=OTHERS)
def test_it_leaves_numbers_alone_that_a_file_does_not_name(name, text, column, tmp_path):
    file = pack(tmp_path / "data.zip", {"train.csv": table(column=column), name: text})
    found = checked("intent_routing", file, "--map", f"label={column}", "--map", "text=text")
    assert set(found["labels"]) == {"0", "1", "2"}


def test_it_names_the_labels_of_rows_far_below_the_first_ones(tmp_path):
    file = pack(tmp_path / "data.zip", {"train.csv": table(many=9_000), "classes.txt": "\n".join(NAMES)})
    assert checked("intent_routing", file)["labels"] == dict.fromkeys(NAMES, 3_000)
