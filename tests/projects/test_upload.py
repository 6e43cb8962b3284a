"""Files on their way in: pieces, breaks, two tabs, limits, strangers."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from projects import uploading
from projects.errors import UserError
from projects.models import Dataset, Upload

pytestmark = pytest.mark.django_db
TEXT = b"question,answer\nWhere is my kettle?,On its way.\n"
WHOLE = len(TEXT)


def begin(client, project, name="faq.csv", size=WHOLE):
    return client.post(
        f"/projects/{project.pk}/uploads/", json.dumps({"name": name, "size": size}), content_type="application/json"
    )


def send(client, url, chunk, offset):
    return client.put(url, chunk, content_type="application/octet-stream", headers={"Upload-Offset": str(offset)})


def test_it_takes_a_file_in_pieces_and_makes_a_dataset(project, editor, as_):
    client = as_(editor)
    started = begin(client, project).json()
    assert started["offset"] == 0
    first = send(client, started["put_url"], TEXT[:20], 0).json()
    assert (first["offset"], first["done"]) == (20, False)
    last = send(client, started["put_url"], TEXT[20:], 20).json()
    dataset = Dataset.objects.get()
    assert last["done"]
    assert last["next"] == f"/datasets/{dataset.pk}/"
    assert dataset.upload.path.read_bytes() == TEXT
    assert dataset.state == "uploaded"
    assert "faq" not in str(dataset.upload.path)


def test_it_goes_on_with_the_same_file_after_a_break(project, editor, as_):
    client = as_(editor)
    started = begin(client, project).json()
    send(client, started["put_url"], TEXT[:20], 0)
    again = begin(client, project).json()
    assert (again["id"], again["offset"]) == (started["id"], 20)
    assert client.get(started["put_url"]).json()["offset"] == 20
    assert begin(client, project, name="other.csv").json()["id"] != started["id"]


def test_it_says_where_to_go_on_when_a_piece_does_not_fit(project, editor, as_):
    client = as_(editor)
    url = begin(client, project).json()["put_url"]
    send(client, url, TEXT[:20], 0)
    second_tab = send(client, url, b"x" * 20, 0)
    assert second_tab.status_code == 409
    assert second_tab.json()["offset"] == 20
    send(client, url, TEXT[20:], 20)
    assert Upload.objects.get().path.read_bytes() == TEXT


def test_it_makes_one_dataset_however_often_the_last_answer_is_lost(project, editor, as_):
    client = as_(editor)
    url = begin(client, project).json()["put_url"]
    send(client, url, TEXT, 0)
    lost = send(client, url, TEXT, 0)
    assert lost.status_code == 409
    assert lost.json()["done"]
    assert lost.json()["next"]
    assert Dataset.objects.count() == 1


def test_it_trusts_the_file_more_than_the_row(project, editor):
    upload = uploading.start(project, editor, "faq.csv", len(TEXT))
    with transaction.atomic():
        uploading.append(upload, 0, TEXT[:20], editor)
    upload.path.write_bytes(TEXT[:5])
    assert uploading.start(project, editor, "faq.csv", len(TEXT)).received == 5


@pytest.mark.parametrize(("size", "word"), [(0, "empty"), (-1, "missing"), (10**13, "limit"), (10**400, "limit")])
def test_it_refuses_a_size_in_a_sentence(size, word, project, editor, as_):
    answer = begin(as_(editor), project, size=size)
    assert 400 <= answer.status_code < 500
    assert word in answer.json()["error"]["what"]
    assert answer.json()["error"]["todo"]


@pytest.mark.parametrize("body", ["", "[]", '{"name": 3, "size": 4}', '{"name": "a", "size": true}', "{"])
def test_it_refuses_nonsense(body, project, editor, as_):
    answer = as_(editor).post(f"/projects/{project.pk}/uploads/", body, content_type="application/json")
    assert answer.status_code == 400


def test_half_a_character_in_a_name_is_a_question_mark(project, editor, as_):
    body = f'{{"name": "fa\\ud83dq.csv", "size": {WHOLE}}}'
    answer = as_(editor).post(f"/projects/{project.pk}/uploads/", body, content_type="application/json")
    assert answer.status_code == 200
    assert Upload.objects.get().name == "fa?q.csv"


def test_it_refuses_more_than_was_announced(project, editor, as_):
    client = as_(editor)
    url = begin(client, project, size=10).json()["put_url"]
    assert send(client, url, b"x" * 11, 0).status_code == 422
    assert send(client, url, b"x", "one").status_code == 400


def test_it_keeps_strangers_and_viewers_out(project, editor, viewer, stranger, as_, client):
    url = begin(as_(editor), project).json()["put_url"]
    assert begin(as_(viewer), project).status_code == 403
    assert begin(as_(stranger), project).status_code == 404
    assert send(as_(viewer), url, TEXT, 0).status_code == 403
    assert send(as_(stranger), url, TEXT, 0).status_code == 404
    assert begin(client, project).status_code == 401
    assert send(client, url, TEXT, 0).status_code == 401


def test_it_is_safe_against_forged_requests(project, editor):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(editor, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert begin(client, project).status_code == 403


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\x\\..\\evil.csv", "a\x00b.csv", "/", "x" * 999])
def test_it_never_uses_the_name_as_a_path(name, project, editor):
    upload = uploading.start(project, editor, name, 5)
    assert "/" not in upload.name
    assert "\x00" not in upload.name
    assert len(upload.name) <= 255
    assert upload.path.name == str(upload.pk)


def test_it_leaves_nothing_behind_when_a_whole_file_is_too_big(project, editor, settings):
    settings.UPLOAD_LIMIT = 100
    with pytest.raises(UserError, match="limit"):
        uploading.store(project, editor, "big.csv", iter([b"x" * 80, b"x" * 80]))
    assert not list((settings.DATA_ROOT / "uploads").iterdir())
    assert not Upload.objects.exists()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_it_tells_a_full_disk_only_where_the_disk_is_full(project, owner, number):
    def full():
        yield b"a,b\n"
        raise OSError(number, "no room")

    with pytest.raises(UserError) as caught:
        uploading.store(project, owner, "a.csv", full())
    assert caught.value.status == 413
    assert "no room" in str(caught.value)


def test_it_does_not_blame_the_disk_for_another_mistake(project, owner):
    def broken():
        yield b"a,b\n"
        raise FileNotFoundError(errno.ENOENT, "train.jsonl")

    with pytest.raises(FileNotFoundError):
        uploading.store(project, owner, "a.csv", broken())
    assert not list((Path(settings.DATA_ROOT) / "uploads").iterdir())
