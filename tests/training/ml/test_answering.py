"""A model folder is checked, answers as it did when it was made, and streams whole characters."""

from __future__ import annotations

import json
import shutil

import pytest

from training.ml import artifact, chat
from training.ml.chat.generate import AnswerOptions, generate, goes_round, pieces, prompt_ids
from training.ml.errors import BrokenModel, MissingBase, WrongBase

HELLO = [{"role": "user", "content": "Where is my parcel?"}]


@pytest.fixture(scope="module")
def loaded(fitted, base):
    return chat.load(fitted[0].model, base)


def test_it_serves_what_was_trained(fitted, loaded) -> None:
    assert chat.check_probes(loaded, fitted[0].model) == 1.0


def test_it_notices_another_model(fitted, base) -> None:
    assert chat.check_probes(chat.load(None, base), fitted[0].model) < 0.9


def test_it_streams_the_same_as_it_writes_in_a_batch(fitted, base, loaded) -> None:
    tokenizer = loaded.tokenizer
    questions = ["Where is my parcel?", "Please cancel my order number 12?", "x"]
    prompts = [prompt_ids(tokenizer, [{"role": "user", "content": question}]) for question in questions]
    together = [tokenizer.decode(ids) for ids in generate(loaded.model, tokenizer, prompts, 12)]
    options = AnswerOptions(max_new_tokens=12)
    alone = ["".join(chat.answer(loaded, [{"role": "user", "content": question}], options)) for question in questions]
    assert [text.rstrip("\ufffd") for text in together] == [text.rstrip("\ufffd") for text in alone]


def test_it_never_splits_a_character(loaded) -> None:
    text = "价格 10 € 🙂 fine"
    ids = loaded.tokenizer(text, add_special_tokens=False).input_ids
    parts = list(pieces(loaded.tokenizer, iter(ids)))
    assert "".join(parts) == text and "\ufffd" not in "".join(parts)
    assert "🙂" in parts


def test_it_ends_before_a_stop_text_even_in_pieces(loaded) -> None:
    ids = loaded.tokenizer("one two STOP three", add_special_tokens=False).input_ids
    assert "".join(pieces(loaded.tokenizer, iter(ids), ["STOP"])) == "one two "
    assert "".join(pieces(loaded.tokenizer, iter(ids[:12]), ["STOPPED"])) == "one two STOP"


def test_it_draws_the_same_for_a_seed(loaded) -> None:
    options = AnswerOptions(max_new_tokens=8, temperature=1.0, top_p=0.9, seed=5)
    first, second = (list(chat.answer(loaded, HELLO, options)) for _ in range(2))
    assert first == second


def test_it_keeps_everything_about_itself_in_the_folder(fitted) -> None:
    folder = fitted[0].model
    manifest = artifact.verify(folder)
    assert manifest.system_prompt == "Help." and manifest.base == "tiny-chat"
    assert set(manifest.files) >= {"adapter_config.json", "adapter_model.safetensors", "knowledge.npy", "probes.json"}
    assert str(folder.parent.parent) not in (folder / "manifest.json").read_text()
    assert json.loads((folder / "adapter_config.json").read_text())["base_model_name_or_path"] == ""


def test_it_refuses_a_damaged_folder(fitted, base, tmp_path) -> None:
    folder = shutil.copytree(fitted[0].model, tmp_path / "model")
    (folder / "knowledge.jsonl").write_text("{}\n")
    with pytest.raises(BrokenModel) as error:
        chat.load(folder, base)
    assert error.value.facts == {"file": "knowledge.jsonl"}
    (folder / "manifest.json").unlink()
    with pytest.raises(BrokenModel):
        artifact.read_manifest(folder)


def test_it_refuses_another_base(fitted, base, tmp_path) -> None:
    other = shutil.copytree(base, tmp_path / "other")
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps(config | {"rms_norm_eps": 1e-3}))
    with pytest.raises(WrongBase):
        chat.load(fitted[0].model, other)
    with pytest.raises(MissingBase):
        chat.load(None, tmp_path / "nothing")


def test_it_ends_an_answer_that_goes_round() -> None:
    assert goes_round([5, 6] + [7] * 18) and goes_round([1] + [8, 9, 4] * 6)
    assert not goes_round([7] * 17) and not goes_round(list(range(60))) and not goes_round([])
    sentence = list(range(20))
    assert goes_round(sentence * 3) and not goes_round(sentence * 2)
