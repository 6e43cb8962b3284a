"""What the reader cannot do because of us is never told as the file's fault."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import zipfile

import pytest

from projects import datasets, guarded, importing, reading, uploading
from projects.errors import UserError
from projects.formats import Limits
from projects.models import Dataset
from projects.refusals import ReadingError
from tests.live import ROOT
from tests.projects.books import MAIN, xlsx
from tests.projects.checked import checked

TABLE = b"question,answer\n" + b"".join(b"What is %d?,It is %d.\n" % (i, i) for i in range(40))


@pytest.fixture
def reader(tmp_path, monkeypatch):
    """Another program in the place of the reading process."""

    def install(script: str) -> None:
        file = tmp_path / "python"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(file))

    return install


def dataset_of(project, owner) -> Dataset:
    upload = uploading.store(project, owner, "faq.csv", [TABLE])
    return datasets.create_dataset(project, upload, owner)


OURS = {
    "a library is missing": "echo 'ModuleNotFoundError: No module named ijson' >&2; exit 1",
    "it is killed": "kill -9 $$",
    "it is asked to stop": "kill -15 $$",
    "it babbles": "cat >/dev/null; echo hello; sleep 1",
}


@pytest.mark.django_db
@pytest.mark.parametrize("script", OURS.values(), ids=OURS.keys())
def test_it_takes_the_blame(reader, project, owner, script, caplog):
    reader(script)
    dataset = dataset_of(project, owner)
    importing.read(dataset)
    assert dataset.state == Dataset.State.REJECTED
    assert "Atelier made a mistake" in dataset.error["what"]
    assert dataset.error["ref"] in dataset.error["what"]
    assert dataset.error["ref"] in caplog.text
    assert "damaged" not in str(dataset.error)


def test_it_names_a_crash_on_a_file(reader, tmp_path):
    reader("kill -11 $$")
    (tmp_path / "faq.csv").write_bytes(TABLE)
    with pytest.raises(ReadingError) as caught:
        reading.detect_guarded(tmp_path / "faq.csv", "faq.csv")
    assert caught.value.code == "reader_died"


def test_its_own_mistakes_come_back_with_their_traceback(tmp_path, monkeypatch):
    """The real reading process, asked for something that it has not."""
    (tmp_path / "faq.csv").write_bytes(TABLE)
    with pytest.raises(reading.ReaderFailed, match="Traceback") as caught:
        reading.detect_guarded(tmp_path / "faq.csv", "faq.csv", {"header_row": "x"})
    assert not isinstance(caught.value, UserError)


def test_a_big_file_gets_more_time_than_a_small_one(tmp_path):
    small, big = tmp_path / "small", tmp_path / "big"
    small.write_bytes(b"x")
    with big.open("wb") as file:
        file.truncate(1_000_000_000)
    assert guarded.more_seconds(small) == 0
    assert guarded.more_seconds(big) >= 10_000


@pytest.mark.slow
def test_the_command_ends_with_1_when_it_is_our_fault(tmp_path):
    file = tmp_path / "faq.csv"
    file.write_bytes(TABLE)
    code = (
        "import sys; import django.core.management as m; from projects import reading; "
        f"reading.sys = type('S', (), {{'executable': '/bin/false'}}); "
        f"m.execute_from_command_line(['manage.py', 'quickstart', 'support_bot', {str(file)!r}])"
    )
    given = {
        "PATH": "/usr/bin:/bin", "ATELIER_HOME": str(tmp_path / "home"), "DJANGO_SETTINGS_MODULE": "studio.settings",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=given, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1, done.stderr
    assert "damaged" not in done.stderr


def far(path):
    """A workbook of two cells that lie as far apart as they can: laid out, it is larger than any memory."""
    xlsx(path, {"A": [["question", "answer"]]})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    parts["xl/worksheets/sheet1.xml"] = f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


@pytest.mark.django_db
def test_a_limit_of_the_studio_has_a_reference_and_is_no_fault_of_the_file(project, owner, tmp_path, caplog):
    upload = uploading.store_file(project, owner, "far.xlsx", far(tmp_path / "far.xlsx"))
    dataset = datasets.create_dataset(project, upload, owner)
    importing.read(dataset)
    assert dataset.state == Dataset.State.REJECTED
    assert "1,500 MB" in dataset.error["what"]
    assert dataset.error["ref"] in dataset.error["safe"]
    assert dataset.error["ref"] in caplog.text
    assert importing.error_of(dataset).safe == dataset.error["safe"]


def test_the_command_ends_with_1_where_the_studio_lacks_something(tmp_path, caplog):
    found = checked("support_bot", far(tmp_path / "far.xlsx"))
    assert (found["status"], found["first"]) == (1, [])
    assert re.search(r"The reference is [0-9a-f]{8}", found["refused"])[0][-8:] in caplog.text


def test_a_killed_reader_leaves_nothing_on_the_disk(reader, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "room"))
    (tmp_path / "room").mkdir()
    (tmp_path / "faq.csv").write_bytes(TABLE)
    reader('echo left > "$TMPDIR/atelier-copy"; kill -9 $$')
    with pytest.raises(reading.ReaderFailed):
        reading.detect_guarded(tmp_path / "faq.csv", "faq.csv")
    assert list((tmp_path / "room").iterdir()) == []


@pytest.mark.slow
def test_short_records_do_not_fill_the_disk(tmp_path):
    """Each record is eight bytes and could have two thousand fields."""
    path = tmp_path / "sparse.jsonl"
    fields = json.dumps({f"k{n}": n for n in range(1990)})
    path.write_text(fields + "\n" + '{"z":1}\n' * 20_000)
    limits = Limits(stored_from=10_000_000)
    with pytest.raises(ReadingError) as caught:
        reading.read(path, path.name, {}, tmp_path / "rows", lambda *_: None, limits)
    assert caught.value.code == "stored_too_big"
    assert not (tmp_path / "rows").exists()


BOUNDED = {
    "deep behind the head": ("x.json", lambda: "[" + '{"a":"b"},' * 60_000 + '{"a":' + "[" * 90_000 + "]" * 90_000 + "}]", "too_deep"),
    "more names than columns": (
        "x.jsonl",
        lambda: "".join(json.dumps({f"k{n}_{m}": 1 for m in range(50)}) + "\n" for n in range(4_000)),
        "too_many_columns",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "make", "code"), BOUNDED.values(), ids=BOUNDED)
def test_it_stops_early_where_a_file_grows_while_it_is_read(name, make, code, tmp_path):
    path = tmp_path / name
    path.write_text(make())
    with pytest.raises(ReadingError) as caught:
        reading.read_guarded(path, name, {}, tmp_path / "rows", lambda *_: None, Limits(seconds=60))
    assert caught.value.code == code


def test_it_counts_the_rows_of_a_parquet_file_before_it_reads_them(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "nothing.parquet"
    pq.write_table(pa.table({"question": pa.nulls(6_000_000)}), path)
    with pytest.raises(ReadingError) as caught:
        reading.read(path, path.name, {}, tmp_path / "rows", lambda *_: None)
    assert caught.value.code == "too_many_rows"


@pytest.mark.slow
def test_a_dictionary_that_grows_meets_the_limit_of_memory(tmp_path):
    """Two kilobytes that say the same fifty megabytes of text a hundred thousand times."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "grows.parquet"
    words = pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), pa.array(["x" * 50_000_000]))
    pq.write_table(pa.table({"question": words, "answer": pa.array(["a"] * 100_000)}), path, compression="zstd")
    with pytest.raises(ReadingError) as caught:
        reading.read_guarded(path, path.name, {}, tmp_path / "rows", lambda *_: None, Limits(seconds=120))
    assert caught.value.code in ("out_of_memory", "unpacks_too_big")
    assert not (tmp_path / "rows").exists()
