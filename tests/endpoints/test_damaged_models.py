"""A model folder that is not what was saved: refused before anything of it is loaded, and said as what it is."""

from __future__ import annotations

import json
import logging

import pytest

from endpoints import chat, publishing
from endpoints.families.chat import answering
from endpoints.families.recommend import catalogue
from projects.errors import UserError
from tests.endpoints.conftest import write_model
from tests.endpoints.things import recommender  # noqa: F401
from training.ml import artifact
from training.ml.errors import BrokenModel

WEIGHTS = "adapter_model.safetensors"
SENTENCE = "The files of this version are missing or damaged."


@pytest.fixture
def folder(tmp_path):
    """A whole one, with the sums of its files."""
    place = tmp_path / "model"
    write_model(place)
    (place / WEIGHTS).write_bytes(b"weights " * 1000)
    manifest = artifact.read_manifest(place)
    manifest.files.update(artifact.file_sums(place))
    artifact.write_manifest(place, manifest)
    assert artifact.verify(place).files
    return place


def linked(place):
    other = place.with_name("elsewhere")
    (place / WEIGHTS).rename(other)
    (place / WEIGHTS).symlink_to(other)


def a_folder_instead(place):
    (place / WEIGHTS).unlink()
    (place / WEIGHTS).mkdir()


def foreign_manifest(place):
    """Somebody else's, that lists a file outside."""
    manifest = json.loads((place / artifact.MANIFEST).read_text())
    manifest["files"]["../../nothing"] = "0" * 64
    (place / artifact.MANIFEST).write_text(json.dumps(manifest))


DAMAGES = {
    "weights cut off": lambda place: (place / WEIGHTS).write_bytes(b"weights "),
    "weights empty": lambda place: (place / WEIGHTS).write_bytes(b""),
    "weights gone": lambda place: (place / WEIGHTS).unlink(),
    "a link": linked,
    "a folder instead of a file": a_folder_instead,
    "no manifest": lambda place: (place / artifact.MANIFEST).unlink(),
    "half a manifest": lambda place: (place / artifact.MANIFEST).write_text('{"family": "chat", '),
    "no text in the manifest": lambda place: (place / artifact.MANIFEST).write_bytes(b"\xff\xfe\x00"),
    "another program's manifest": lambda place: (place / artifact.MANIFEST).write_text('["a"]'),
    "a manifest of something else": foreign_manifest,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_it_is_found_before_anything_is_loaded(folder, damage):
    DAMAGES[damage](folder)
    with pytest.raises(BrokenModel):
        artifact.verify(folder)


def test_it_is_found_where_a_file_may_not_be_read(folder, monkeypatch):
    """Root may read everything, so the refusal comes from where a file is opened."""

    def refused(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(artifact, "sha256_of", refused)
    with pytest.raises(BrokenModel):
        artifact.verify(folder)


def test_a_foreign_file_beside_it_does_no_harm(folder):
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    assert WEIGHTS in artifact.verify(folder).files


KNOWLEDGE = {
    "vectors cut off": lambda place: (place / "knowledge.npy").write_bytes((place / "knowledge.npy").read_bytes()[:90]),
    "vectors empty": lambda place: (place / "knowledge.npy").write_bytes(b""),
    "vectors of another program": lambda place: (place / "knowledge.npy").write_bytes(b"PK\x03\x04" + bytes(200)),
    "answers gone": lambda place: (place / "knowledge.jsonl").unlink(),
    "answers cut off": lambda place: (place / "knowledge.jsonl").write_text('{"id": "k0"}\n'),
    "manifest gone": lambda place: (place / artifact.MANIFEST).unlink(),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("damage", KNOWLEDGE)
def test_it_is_said_as_what_it_is(endpoint, model, server, damage, caplog):
    import httpx2 as httpx

    _key, secret = publishing.issue_key(endpoint, None, "tests")
    KNOWLEDGE[damage](model.folder)
    chat._knowing.cache_clear()
    answering._read.cache_clear()
    body = {"model": endpoint.slug, "messages": [{"role": "user", "content": "Tell me a story"}]}
    headers = {"Authorization": f"Bearer {secret}"}
    with caplog.at_level(logging.ERROR):
        answer = httpx.post(f"{server.url}/v1/chat/completions", json=body, headers=headers)
    assert answer.status_code == 503
    assert answer.json()["error"]["message"].startswith(SENTENCE)
    assert str(model.folder) in caplog.text


@pytest.mark.django_db(transaction=True)
def test_the_engines_refusal_is_not_said_as_its_absence(endpoint, peer, server):
    import httpx2 as httpx

    _key, secret = publishing.issue_key(endpoint, None, "tests")
    peer.loaded.clear()
    peer.mood = "broken"
    body = {"model": endpoint.slug, "messages": [{"role": "user", "content": "Tell me a story"}]}
    answer = httpx.post(f"{server.url}/v1/chat/completions", json=body, headers={"Authorization": f"Bearer {secret}"})
    assert answer.json()["error"]["message"].startswith(SENTENCE)


@pytest.mark.django_db
def test_it_is_not_published(model, owner, peer):
    peer.mood = "broken"
    with pytest.raises(UserError, match=SENTENCE):
        publishing.publish(model, owner, name="Help")


@pytest.mark.django_db
def test_a_catalogue_cut_off_is_said_too(recommender):  # noqa: F811
    folder = recommender.deployment.model.folder
    (folder / catalogue.FILE).write_text('{"item": "t0", "ti')
    catalogue._read.cache_clear()
    with pytest.raises(UserError, match=SENTENCE):
        catalogue.of_model(chat.of_model(recommender.deployment.model))
