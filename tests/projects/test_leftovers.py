"""What processes that were ended left half written is removed, and nothing else."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from projects import datasets, importing, sweeping, uploading
from projects.models import Dataset

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
FAQ = b"question,answer\n" + b"".join(b"Where is parcel %d?,It is at door %d.\n" % (i, i) for i in range(40))


@pytest.fixture
def dataset(project, owner):
    upload = uploading.store(project, owner, "faq.csv", [FAQ])
    return datasets.create_dataset(project, upload, owner)


def test_it_clears_what_a_killed_worker_had_half_written(dataset):
    dataset.folder.mkdir(parents=True)
    (dataset.folder / "rows-0badcafe.part").write_bytes(b"half")
    (dataset.folder / "import-0badcafe").mkdir()
    (dataset.folder / "import-0badcafe" / "train.jsonl").write_text("{")
    importing.read(dataset)
    assert dataset.state == Dataset.State.CHECKING, dataset.error
    importing.finish(dataset)
    assert dataset.state == Dataset.State.READY, dataset.error
    assert not [path.name for path in dataset.folder.iterdir() if path.name.endswith(".part") or path.is_dir()]


def test_it_forgets_files_that_were_never_wholly_taken_in(dataset, settings):
    uploads = Path(settings.DATA_ROOT) / "uploads"
    old, fresh = uploads / "11111111-1111-4111-8111-111111111111.part", uploads / "2.part"
    for file in (old, fresh):
        file.write_bytes(b"question,ans")
    os.utime(old, (time.time() - 90_000,) * 2)
    os.utime(dataset.upload.path, (time.time() - 90_000,) * 2)
    sweeping.sweep()
    assert not old.exists()
    assert fresh.exists()
    assert dataset.upload.path.read_bytes() == FAQ


def test_it_leaves_nothing_of_a_file_that_breaks_off(project, owner, settings):
    def breaks():
        yield b"question,answer\n"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        uploading.store(project, owner, "faq.csv", breaks())
    assert not list((Path(settings.DATA_ROOT) / "uploads").iterdir())
