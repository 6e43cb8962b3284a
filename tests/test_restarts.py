"""PostgreSQL and Redis restarted under a studio at work: it waits, goes on, and loses nothing."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from contextlib import contextmanager

import pytest
from websockets.sync.client import connect

from tests import tiny
from tests.live import Services, Studio
from tests.test_chaos import PASSWORD, Visitor, a_file, frame, rows, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.service]
AWAY = 4.0


class Restarted:
    """A studio with a training on PostgreSQL and Redis, and the means to take either away."""

    def __init__(self, services: Services, studio: Studio) -> None:
        self.services, self.studio, self.visitor = services, studio, Visitor(studio)
        self.visitor.get("/setup/")
        self.visitor.post("/setup/", name="Olga", email="olga@example.com", password=PASSWORD, team="K", language="en")
        created = self.visitor.post("/new/?use_case=support_bot", name="Kettle support", team="1")
        self.project = re.search(r"/projects/\d+/", str(created.url))[0]

    @contextmanager
    def away(self, part: Callable[[str], None]):
        part("stop")
        try:
            yield
        finally:
            part("start")

    def bring(self, data: bytes, name: str) -> str:
        """The page of the dataset."""
        about = {"name": name, "size": len(data)}
        started = self.visitor.call("POST", f"{self.project}uploads/", json=about, headers=self.visitor.token()).json()
        headers = {"Upload-Offset": "0"} | self.visitor.token()
        reply = self.visitor.call("PUT", started["put_url"], content=data, headers=headers)
        assert reply.json().get("done"), reply.text
        return reply.json()["next"]

    def one(self, query: str):
        found = rows(self.studio, query)
        return found[0][0] if found else None

    def until(self, query: str, wanted: Callable[[object], bool], seconds: float = 240):
        deadline = time.monotonic() + seconds
        while not wanted(found := self.one(query)):
            assert time.monotonic() < deadline, f"{query}: {found}\n{self.studio.log.read_text()[-4000:]}"
            time.sleep(0.05)
        return found

    def train(self, dataset: str, **fields: str) -> str:
        started = self.visitor.post(f"{dataset}train/", preset="quick", **fields)
        assert started.status_code == 200, started.text[-900:]
        return str(started.url.path)


@pytest.fixture(scope="module")
def restarted(tmp_path_factory):
    models = tiny.base_models(tmp_path_factory.mktemp("models"))
    services = Services()
    with services as urls:
        studio = Studio(tmp_path_factory.mktemp("home"), ATELIER_MODELS=str(models), **urls).start()
        try:
            yield Restarted(services, studio)
        finally:
            studio.stop()


@pytest.fixture(scope="module")
def dataset(restarted) -> str:
    """Ready data, whose second message was lost with the queue."""
    address = restarted.bring(a_file(), "faq.csv")
    wait_for(restarted.visitor, address, "Use this data")
    with restarted.away(restarted.services.queue):
        used = restarted.visitor.post(f"{address}use/")
        assert used.status_code == 200, used.text[-900:]
    wait_for(restarted.visitor, address, f"{address}train/")
    return address


@pytest.fixture(scope="module")
def run(restarted, dataset) -> str:
    """A training that was begun without a queue, met both restarts, and ended well."""
    with restarted.away(restarted.services.queue):
        page = restarted.train(dataset, epochs="6")
    steps = "select count(*) from training_stepmetric"
    restarted.until(steps, lambda count: count > 2)
    with restarted.away(restarted.services.database):
        time.sleep(AWAY)
    with restarted.away(restarted.services.queue):
        time.sleep(1)
    wait_for(restarted.visitor, page, "See how good it is")
    return page


def test_it_goes_on_with_an_import(restarted):
    address = restarted.bring(a_file() * 20, "many.csv")
    state = "select state from projects_dataset where name = 'many.csv'"
    restarted.until(state, lambda found: found == "reading")
    with restarted.away(restarted.services.database):
        page = restarted.visitor.get(address)
        assert page.status_code == 503
        assert "The database of this studio does not answer just now." in page.text
        time.sleep(AWAY)
    wait_for(restarted.visitor, address, "Use this data")
    assert restarted.one("select error from projects_dataset where name = 'many.csv'") == {}


def test_it_goes_on_with_a_training(restarted, run):
    assert rows(restarted.studio, "select state from training_trainingrun") == [("succeeded",)]
    steps = [step for (step,) in rows(restarted.studio, "select step from training_stepmetric order by step")]
    assert steps == list(range(1, len(steps) + 1))
    assert restarted.one("select count(*) from training_modelversion") == 1
    assert restarted.one("select count(*) from training_runlog where code = 'worker_gone'") == 0
    assert restarted.one("select count(*) from projects_auditevent where action = 'run.succeeded'") == 1


def test_it_keeps_an_answer_that_was_being_written(restarted, run):
    page = restarted.visitor.get(run).text
    model = re.search(r"/models/\d+/", page)[0]
    form = restarted.visitor.get(f"{model}publish/").text
    fields = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', form))
    fields |= {"visibility": "link", "answers_with": "tuned", "threshold": "0"}
    restarted.visitor.post(f"{model}publish/", **fields)
    slug = restarted.one("select slug from endpoints_endpoint where published")
    studio = restarted.studio
    address = f"ws://localhost:{studio.port}/ws/chat/{slug}/"
    with connect(address, open_timeout=60, origin=studio.url) as socket:
        socket.send(json.dumps({"type": "hello", "after": 0}))
        frame(socket, "welcome")
        socket.send(json.dumps({"type": "ask", "text": "Where is my order?", "client_id": "q1"}))
        frame(socket, "start")
        with restarted.away(restarted.services.database):
            time.sleep(AWAY)
        done = frame(socket, "done")
    assert done["state"] in {"done", "unsure"}
    stored = rows(studio, "select state, text from endpoints_message where role = 'assistant'")
    assert stored == [(done["state"], done["text"])]

    # Without Redis a chat opens and answers; without the database it says so, and is open again soon.
    with restarted.away(restarted.services.queue), connect(address, open_timeout=60, origin=studio.url) as socket:
        socket.send(json.dumps({"type": "hello", "after": 0}))
        frame(socket, "welcome")
        socket.send(json.dumps({"type": "ask", "text": "And my parcel?", "client_id": "q2"}))
        assert frame(socket, "done")["state"] in {"done", "unsure"}
    with connect(address, open_timeout=60, origin=studio.url) as socket:
        socket.send(json.dumps({"type": "hello", "after": 0}))
        frame(socket, "welcome")
        with restarted.away(restarted.services.database):
            socket.send(json.dumps({"type": "ask", "text": "And my refund?", "client_id": "q3"}))
            assert "does not answer just now" in frame(socket, "error")["sentence"]
        socket.send(json.dumps({"type": "ask", "text": "And my refund?", "client_id": "q3"}))
        assert frame(socket, "done")["state"] in {"done", "unsure"}
    assert "Traceback" not in restarted.visitor.get("/").text
