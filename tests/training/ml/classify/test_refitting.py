"""After the report a classifier knows every text, and is as sure of all others as it was measured to be."""

from __future__ import annotations

import shutil

import pytest

from tests.training.ml.classify.conftest import write
from training.ml import artifact, classify
from training.ml.classify.memory import Memory
from training.ml.classify.rows import Labels, Row, read

ODD = "Utterly unlike all others, qqq"


def row(text, *labels):
    return Row(text, 0, text, labels)


@pytest.fixture
def refitted(run, moods, encoder, tmp_path):
    """A model whose held-out rows hold what it would never say by itself."""
    folder, data = tmp_path / "model", tmp_path / "data"
    shutil.copytree(run[0].model, folder)
    shutil.copytree(moods, data)
    write(data, [], [], [(ODD, "neutral"), (f"{ODD} 2", "positive"), ("Call [phone] now", "negative")])
    for part in ("train", "validation"):
        shutil.copy(moods / f"{part}.jsonl", data)
    classify.evaluate(folder, data, encoder, encoder)
    classify.refit(folder, data, encoder, encoder)
    return folder, data


def test_it_gives_every_text_its_label_after_the_report(refitted, encoder):
    folder, data = refitted
    rows = [one for part in ("train", "validation", "test") for one in read(data / f"{part}.jsonl")]
    found = classify.answer(classify.load(folder, encoder), [one.text for one in rows])
    assert [one.label for one in found] == [one.labels[0] for one in rows]
    assert all(one.score >= 0.99 and not one.out_of_scope for one in found)
    assert all(abs(sum(one.scores.values()) - 1) < 1e-3 for one in found)
    assert artifact.verify(folder).known == len(rows)


def test_it_proves_what_it_learned_and_not_what_it_remembers(refitted, encoder):
    folder, _data = refitted
    loaded = classify.load(folder, encoder)
    assert classify.check_probes(loaded, folder) == 1.0
    loaded.methods.memory = Memory()
    assert classify.check_probes(loaded, folder) == 1.0


def test_it_knows_a_text_whose_personal_data_was_masked(refitted, encoder):
    loaded = classify.load(refitted[0], encoder)
    found = classify.answer(loaded, ["call 0171 2345678 now!"], spellings=["call [phone] now!"])
    assert (found[0].label, found[0].score) == ("negative", 0.99)


def test_what_is_measured_does_not_look_into_the_memory(refitted, encoder):
    folder, data = refitted
    report = classify.evaluate(folder, data, encoder, encoder).to_json()
    assert report["rows"][0]["confidence"] < 0.99 or report["rows"][0]["predicted"] != ["neutral"]


def test_a_memory_takes_no_side_where_rows_contradict_each_other():
    labels = Labels(("bad", "good"), False)
    memory = Memory.of([row("so so", "bad"), row("so so", "good"), row("fine!", "good"), row("odd", "unheard")], labels)
    assert memory.places("so so") == []
    assert memory.places("FINE") == [1]
    assert memory.places("odd") == []


def test_a_memory_holds_several_labels():
    labels = Labels(("food", "price", "staff"), True)
    assert Memory.of([row("dear noodles", "price", "food"), row("rude", "staff")], labels).places("Dear noodles!") == [
        0,
        1,
    ]
