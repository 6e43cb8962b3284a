"""From publishing to a streamed answer with a real engine process and a really trained, tiny model."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest

from endpoints import chat, publishing
from endpoints.models import Message
from projects.errors import UserError
from tests.endpoints.engine.conftest import engine, trained  # noqa: F401  (fixtures)
from tests.endpoints.test_consumers import Browser
from training.ml import artifact

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def real(engine, trained, project, owner, settings):  # noqa: F811
    from projects.models import Dataset
    from training.models import ModelVersion, TrainingRun

    settings.ENGINE_URL = settings.EMBEDDINGS_URL = engine.url
    settings.ENGINE_TOKEN = "secret"
    settings.DATA_ROOT = trained / "data"
    dataset = Dataset.objects.create(project=project, name="faq.csv", state="ready")
    run = TrainingRun.objects.create(project=project, dataset=dataset, base_model="tiny", state="succeeded")
    model = ModelVersion.objects.create(project=project, number=1, run=run)
    shutil.copytree(engine.adapter, model.folder, dirs_exist_ok=True)
    chat._knowing.cache_clear()
    return model


async def test_it_streams_what_the_trained_model_writes(real, owner):
    from asgiref.sync import sync_to_async

    endpoint = await sync_to_async(publishing.publish)(real, owner, threshold=0.0)
    browser = Browser(endpoint)
    await browser.open()
    await browser.ask("Where is my order number 0?")
    done = await browser.until("done", 60)
    assert done["state"] == "done", browser.frames
    assert done["text"] == "".join(piece["text"] for piece in browser.pieces())
    answer = await Message.objects.aget(role="assistant")
    assert answer.text == done["text"]
    assert answer.sources
    await browser.close()


def test_it_does_not_publish_a_model_that_answers_differently(real, owner):
    """Its folder is whole; what it says now is not what it said when it was saved."""
    probes = json.loads((real.folder / "probes.json").read_text())
    for probe in probes:
        for name, value in probe.items():
            if isinstance(value, str):
                probe[name] = "something else entirely"
            elif name == "tokens" or (isinstance(value, list) and value and isinstance(value[0], int)):
                probe[name] = [5] * len(value)
    (real.folder / "probes.json").write_text(json.dumps(probes))
    manifest = artifact.read_manifest(real.folder)
    artifact.write_manifest(real.folder, replace(manifest, files=artifact.file_sums(real.folder)))
    with pytest.raises(UserError) as caught:
        publishing.publish(real, owner)
    assert "Nothing was published" in str(caught.value.safe)
