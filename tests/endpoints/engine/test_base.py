"""The switchable base computes what peft computes, and knows when it does not."""

from __future__ import annotations

import json
import shutil

import pytest
import torch

from endpoints.engine.answers import CHUNK, Answer
from endpoints.engine.library import Library, Shelf
from endpoints.engine.wire import ChatRequest, Refused

QUESTION = [{"role": "user", "content": "Where is my parcel number 3?"}]


@pytest.fixture
def library(trained):
    return Library(Shelf(trained / "models", (trained / "data",), most_adapters=2))


@pytest.fixture
def model(trained):
    return trained / "data" / "run" / "model"


def loaded(library, model, name="model-1"):
    library.put(name, library.check(str(model)))
    return library.ready(name)


def written(answer):
    pieces = []
    while not answer.finished:
        pieces.append(answer.step() or "")
    return "".join(pieces)


def answer_of(base, adapter, messages=QUESTION, **options):
    request = ChatRequest("tiny", messages, **{"max_tokens": 30} | options)
    return Answer(request, base, adapter, base.prompt(messages))


def test_it_scores_as_peft_does(library, trained, model):
    from training.ml.chat import load
    from training.ml.chat.generate import next_logits, prompt_ids

    base, adapter = loaded(library, model)
    theirs = load(model, trained / "models" / "tiny")
    ids = prompt_ids(theirs.tokenizer, QUESTION)
    with torch.inference_mode():
        expected = next_logits(theirs.model, torch.tensor([ids]), None)[0].float()
    assert torch.allclose(base.read(adapter, ids, None)[-1], expected, atol=0.05, rtol=0.02)
    assert not torch.allclose(base.read(None, ids, None)[-1], expected, atol=0.05, rtol=0.02), "the base alone differs"


def test_it_writes_the_same_with_and_without_an_earlier_prompt(library, model):
    base, adapter = loaded(library, model)
    fresh = written(answer_of(base, adapter))
    again = answer_of(base, adapter)
    assert written(again) == fresh
    assert base.prefixes.hits == 1


def test_it_shares_no_prompt_between_adapters(library, model):
    base, adapter = loaded(library, model)
    written(answer_of(base, adapter))
    written(answer_of(base, None))
    assert base.prefixes.hits == 0


def test_it_reads_a_long_prompt_in_chunks(library):
    base, _ = library.ready("tiny")
    messages = [{"role": "user", "content": "word " * 150}]
    answer = answer_of(base, None, messages, max_tokens=3)
    assert answer.step() is None
    assert len(answer._known) == CHUNK
    written(answer)
    whole = base.read(None, answer.prompt, None)[-1]
    assert int(whole.argmax()) == answer._written[0]


def test_it_draws_the_same_from_the_same_seed(library):
    base, _ = library.ready("tiny")
    drawn = {written(answer_of(base, None, temperature=1.0, seed=5)) for _ in range(2)}
    assert len(drawn) == 1
    assert written(answer_of(base, None, temperature=1.0, seed=6)) not in drawn


def test_it_avoids_what_was_said_when_asked_to(library):
    base, _ = library.ready("tiny")
    calm = answer_of(base, None, frequency_penalty=2.0, presence_penalty=2.0)
    plain = answer_of(base, None)
    written(calm), written(plain)
    assert len(set(calm._written)) >= len(set(plain._written))


def test_it_brings_back_what_was_evicted(library, model):
    for name in ("a", "b", "c"):
        loaded(library, model, name)
    assert list(library.adapters) == ["b", "c"]
    assert library.ready("a")[1].name == "a"
    assert list(library.adapters) == ["c", "a"]
    library.unload("a")
    with pytest.raises(Refused) as refused:
        library.ready("a")
    assert refused.value.status == 404


def test_it_proves_what_comes_back_when_its_folder_has_changed(library, model, tmp_path):
    from training.ml import artifact

    copy = model.parent / "moving"
    shutil.copytree(model, copy, dirs_exist_ok=True)
    for name, folder in (("moving", copy), ("b", model), ("c", model)):
        loaded(library, folder, name)
    probes = json.loads((copy / "probes.json").read_text())
    for probe in probes:
        probe["tokens"] = [(token + 1) % 200 for token in probe["tokens"]] or [5]
    (copy / "probes.json").write_text(json.dumps(probes))
    manifest = artifact.read_manifest(copy)
    manifest.files["probes.json"] = artifact.sha256_of(copy / "probes.json")
    artifact.write_manifest(copy, manifest)
    with pytest.raises(Refused) as refused:
        library.ready("moving")
    assert refused.value.code == "probe_mismatch"


def test_it_refuses_adapters_it_cannot_compute(library, model):
    from endpoints.engine.lora import read_pairs

    base, _ = library.ready("tiny")
    copy = model.parent / "strange"
    shutil.copytree(model, copy, dirs_exist_ok=True)
    about = json.loads((copy / "adapter_config.json").read_text())
    (copy / "adapter_config.json").write_text(json.dumps(about | {"use_dora": True}))
    with pytest.raises(Refused, match="use_dora"):
        read_pairs(copy, base.layers, base.dtype, base.device)
