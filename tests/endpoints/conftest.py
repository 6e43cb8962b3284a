"""A trained model as files, another engine that answers for it, and a published assistant."""

from __future__ import annotations

import asyncio
import functools
import threading

import numpy as np
import pytest
from django.core.cache import cache

from tests.endpoints.peer import Peer, vector

PAIRS = [
    ("Can I return an opened box?", "Yes, within 30 days. Keep the receipt."),
    ("Where is my parcel?", "Look into the mail we sent you. The link there shows where it is."),
    ("Do you ship abroad?", "We ship to every country of the union."),
]
ALL = "".join(f"word{i} " for i in range(10))


@pytest.fixture(scope="session", autouse=True)
def one_list_of_authorities():
    """Each request of httpx reads the list of all authorities anew: 60 ms, and here nobody speaks TLS."""
    import httpcore2

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpcore2, "default_ssl_context", functools.cache(httpcore2.default_ssl_context))
        yield


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.clear()


@pytest.fixture(autouse=True)
def empty_rooms():
    from endpoints import live

    live.rooms.clear()


@pytest.fixture(scope="session")
def running_peer():
    peer = Peer().start()
    yield peer
    peer.stop()


@pytest.fixture
def peer(running_peer, settings):
    running_peer.reset()
    settings.ENGINE_URL = settings.EMBEDDINGS_URL = running_peer.url
    return running_peer


def write_model(folder, **policy):
    """What training leaves behind, as far as answering needs it."""
    from training.ml.artifact import Manifest, write_manifest
    from training.ml.config import TrainConfig
    from training.ml.knowledge import Knowledge, Known
    from training.ml.prompts import Policy

    folder.mkdir(parents=True, exist_ok=True)
    known = [Known(f"k{i}", question, answer) for i, (question, answer) in enumerate(PAIRS)]
    Knowledge.write(folder, known, np.asarray([vector(pair.question) for pair in known], dtype=np.float32))
    manifest = Manifest(
        family="chat",
        base="tiny",
        base_revision="1",
        embedder="tiny-embedder",
        query_prefix="",
        passage_prefix="",
        tokenizer_sha256="",
        chat_template_sha256="",
        system_prompt="You help.",
        policy=Policy(**policy),
        max_new_tokens=64,
        config=TrainConfig(),
        data_sha256="",
        examples=3,
        training={},
        choices={},
        versions={},
        files={},
    )
    write_manifest(folder, manifest)


def make_model(project, number, **policy):
    from projects.models import Dataset
    from training.models import ModelVersion, TrainingRun

    dataset = Dataset.objects.create(project=project, name="faq.csv", state="ready")
    run = TrainingRun.objects.create(project=project, dataset=dataset, base_model="tiny", state="succeeded")
    row = ModelVersion.objects.create(
        project=project, number=number, run=run, manifest={"policy": {"unsure": policy.get("unsure", 0.0)}}
    )
    write_model(row.folder, **policy)
    return row


@pytest.fixture
def model(project):
    from endpoints.chat import _knowing

    _knowing.cache_clear()
    return make_model(project, 1)


@pytest.fixture
def endpoint(peer, model, owner):
    from endpoints import publishing

    return publishing.publish(model, owner, name="Kettle help", visibility="link")


class Server:
    """The studio in a thread, on a real port, for clients that know nothing of Django."""

    def __init__(self) -> None:
        import uvicorn

        from studio.asgi import application

        config = uvicorn.Config(application, port=0, host="127.0.0.1", log_level="warning", lifespan="off")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=lambda: asyncio.run(self.server.serve()), daemon=True)

    def start(self) -> Server:
        import time

        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        self.port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)


@pytest.fixture
def server(transactional_db):
    running = Server().start()
    yield running
    running.stop()
