"""The embedded queue: what others write into it, and what was half written, ends no worker and loses no message."""

from __future__ import annotations

import json
import threading
import uuid

import pytest
from kombu import Connection

from studio import filequeue

filequeue.use()
GARBAGE = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"[" * 100_000,
    b"\xff\xfe\x00",
    b"\x80\x04\x95cos\nsystem\n(S'id'\ntR.",
    b'{"body": "x"}',
    b'{"properties": 1, "body": "x"}',
]


@pytest.fixture
def options(tmp_path):
    for name in ("messages", "control", "processed"):
        (tmp_path / name).mkdir()
    place = str(tmp_path / "messages")
    more = {"control_folder": str(tmp_path / "control"), "processed_folder": str(tmp_path / "processed")}
    return {"data_folder_in": place, "data_folder_out": place, **more}


@pytest.fixture
def name():
    """A queue that no test before this one has used: kombu remembers what it has declared."""
    return f"queue{uuid.uuid4().hex}"


def taken(connection, name, many):
    found = []
    with connection.SimpleQueue(name) as queue:
        while len(found) < many:
            message = queue.get(timeout=20)
            found.append(message.payload)
            message.ack()
    return found


def test_what_cannot_be_read_is_put_aside_and_the_rest_comes_through(options, name, tmp_path, caplog):
    for number, data in enumerate(GARBAGE):
        (tmp_path / "messages" / f"{number:013d}_x.{name}.msg").write_bytes(data)
    with Connection("filesystem://localhost//", transport_options=options) as connection:
        with connection.SimpleQueue(name) as queue:
            queue.put({"pk": 1})
        assert taken(connection, name, 1) == [{"pk": 1}]
    assert caplog.text.count("is left out") == len(GARBAGE)
    assert not list((tmp_path / "processed").iterdir())


def test_no_message_is_read_half(options, name, tmp_path, caplog):
    """One writes as fast as it can while another reads."""
    many = 300

    def write() -> None:
        with (
            Connection("filesystem://localhost//", transport_options=options) as connection,
            connection.SimpleQueue(name) as queue,
        ):
            for number in range(many):
                queue.put({"pk": number, "more": "x" * 2000})

    with Connection("filesystem://localhost//", transport_options=options) as connection:
        with connection.SimpleQueue(name) as queue:  # declared by one; threads of a process share what kombu remembers
            queue.put({"pk": -1})
        assert taken(connection, name, 1) == [{"pk": -1}]
        thread = threading.Thread(target=write)
        thread.start()
        found = taken(connection, name, many)
        thread.join()
    assert sorted(one["pk"] for one in found) == list(range(many))
    assert "left out" not in caplog.text
    assert not list((tmp_path / "messages").glob("*.part"))


def test_a_whole_message_is_what_celery_sends(options, name, tmp_path):
    with (
        Connection("filesystem://localhost//", transport_options=options) as connection,
        connection.SimpleQueue(name) as queue,
    ):
        queue.put({"pk": 1})
    (file,) = (tmp_path / "messages").iterdir()
    assert {"body", "properties", "headers"} <= json.loads(file.read_text()).keys()
