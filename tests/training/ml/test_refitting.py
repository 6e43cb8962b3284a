"""After the report a chat model knows every row, and is otherwise what was measured."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from tests.training.ml.conftest import Notebook
from training.ml import artifact, chat
from training.ml.chat.finder import Finder
from training.ml.chat.loading import Probe
from training.ml.chat.rows import read_rows
from training.ml.embed import Embedder
from training.ml.exact import normal
from training.ml.knowledge import Asked, Knowledge, Known
from training.ml.prompts import NEVER, Policy, decide


@pytest.fixture
def measured(fitted, base, encoder, data, tmp_path):
    """A model folder with its report, for one test alone."""
    folder = tmp_path / "model"
    shutil.copytree(fitted[0].model, folder)
    chat.evaluate(folder, data, base, encoder)
    return folder


def rows_of(data, *parts):
    return [row for part in parts for row in read_rows(data / f"{part}.jsonl")]


def test_it_answers_every_row_word_for_word_after_the_report(measured, base, encoder, data):
    every = rows_of(data, "train", "validation", "test")
    before = Finder(Knowledge.open(measured), Embedder(encoder)).find(every, 1, itself=True)
    assert sum(hits[0].same for hits in before) == len(rows_of(data, "train"))

    chat.refit(measured, data, base, encoder)

    policy = Policy(hand_over=NEVER, unsure=1.0)  # however careful the bot is with what is only near
    found = Finder(Knowledge.open(measured), Embedder(encoder)).find(every, 1, itself=True)
    decisions = [decide(policy, row.asked, hits) for row, hits in zip(every, found, strict=True)]
    assert [one.answer for one in decisions] == [row.answer for row in every]
    assert not any(one.unsure for one in decisions)
    assert artifact.verify(measured).known == len(every)


def test_it_leaves_the_report_and_the_proof_of_what_is_served_as_they_were(measured, base, encoder, data):
    report = (measured / artifact.REPORT).read_bytes()
    probes = artifact.read_probes(measured, Probe)
    notebook = Notebook()
    chat.refit(measured, data, base, encoder, notebook)
    assert (measured / artifact.REPORT).read_bytes() == report
    assert artifact.read_probes(measured, Probe) == probes
    assert chat.check_probes(chat.load(measured, base), measured) == 1.0
    assert notebook.phases == ["refitting"]


def test_it_is_done_once(measured, base, encoder, data):
    chat.refit(measured, data, base, encoder)
    before = artifact.sha256_of(measured / artifact.MANIFEST)
    chat.refit(measured, data, base, encoder)
    assert artifact.sha256_of(measured / artifact.MANIFEST) == before


def test_it_keeps_a_test_file_of_the_owners_for_the_versions_to_come(measured, base, encoder, data):
    chat.refit(measured, data, base, encoder, tested_apart=True)
    assert artifact.verify(measured).known == len(rows_of(data, "train", "validation"))


@pytest.fixture
def known(tmp_path):
    pairs = [
        Known("1", "Do you sell C++ books?", "Shelf 1."),
        Known("2", "Do you sell C# books?", "Shelf 2."),
        Known("3", "Where is the shop?", "In the mill."),
    ]
    vectors = np.tile(np.eye(3, 4, dtype=np.float32)[:, None], (1, 3, 1))
    Knowledge.write(tmp_path, pairs, vectors)
    return Knowledge.open(tmp_path)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("Do you sell C++ books?", "Shelf 1."),
        ("do you sell c#  books?", "Shelf 2."),
        ("WHERE IS THE SHOP", "In the mill."),
        ("where is the shop ？！", "In the mill."),
    ],
)
def test_it_finds_a_known_question_whatever_meaning_says(known, asked, answer):
    nothing_alike = [0.0, 0.0, 0.0, 1.0]
    hit = known.best(Asked(asked, nothing_alike))[0]
    assert (hit.known.answer, hit.same, hit.similarity) == (answer, True, 1.0)


def test_it_does_not_guess_between_questions_that_only_signs_tell_apart(known):
    assert known.same("Do you sell C books?") is None
    assert known.same("Where is it?") is None


def test_a_text_of_signs_alone_is_itself():
    assert normal("??") != normal("!!")
