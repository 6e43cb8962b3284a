"""The check page and what a person can change on it, through HTTP."""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict

import pytest
from asgiref.sync import async_to_sync

from projects import datasets, importing, quality, reading, uploading
from projects.models import AuditEvent, Dataset
from projects.views import _remarks
from tests.projects.books import xlsx

pytestmark = pytest.mark.django_db
State = Dataset.State
NASTY = "<img src=x onerror=alert(1)>"
TEXT = (
    "topic;question;answer\n"
    + "\n".join(f"t{n};How much is kettle number {n}?;Kettle {n} costs {n * 3} euros, about." for n in range(40))
    + f"\nx;Who are you, and what is {NASTY}?;We are Kettle & Co, a shop for kettles.\n"
    + "x;I am jane.doe@mailbox.example. Where do I write to you?;Write to us please.\n"
    + "x;Where is the answer?;\n"
)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def dataset(project, owner, monkeypatch):
    monkeypatch.setattr(reading, "read_guarded", reading.read)
    upload = uploading.store(project, owner, f"faq {NASTY}.csv", [TEXT.encode()])
    return datasets.create_dataset(project, upload, owner)


@pytest.fixture
def checked(dataset):
    importing.read(dataset)
    assert dataset.state == State.CHECKING, dataset.error
    return dataset


@pytest.fixture
def ready(checked):
    importing.finish(checked)
    assert checked.state == State.READY, checked.error
    return checked


def page(client, dataset, part=""):
    answer = client.get(f"/datasets/{dataset.pk}/{part}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_shows_progress_that_asks_for_itself_and_stops(dataset, editor, as_):
    client = as_(editor)
    assert "every 1s" in page(client, dataset)
    part = client.get(f"/datasets/{dataset.pk}/?part=progress", headers=HTMX)
    assert part.content.decode().strip().startswith("<section")
    importing.read(dataset)
    over = client.get(f"/datasets/{dataset.pk}/?part=progress", headers=HTMX)
    assert over["HX-Retarget"] == "#main"
    assert "every 1s" not in over.content.decode()


def test_it_shows_how_far_the_reading_is(dataset, editor, as_):
    import time

    Dataset.objects.filter(pk=dataset.pk).update(
        state="reading", worker="w", progress=0.5, counts={"rows": 12000, "started": time.time() - 60}
    )
    text = page(as_(editor), dataset)
    assert "12,000 rows so far" in text
    assert re.search(r"about 6\d seconds left", text)
    assert 'value="0.5"' in text


def test_it_says_what_was_understood(checked, editor, as_):
    text = page(as_(editor), checked)
    for words in ("Text table", "Semicolon", "Unicode", "English", "The column is called question.", "Use this data"):
        assert words in text, words
    assert text.count('class="button primary"') == 1


def test_it_shows_texts_as_texts(checked, editor, as_):
    client = as_(editor)
    for text in (page(client, checked), page(client, checked, "rows/markup/"), client.get("/").content.decode()):
        assert "<img src=x" not in text


def test_it_counts_first_what_is_kept(checked, editor, as_):
    text = page(as_(editor), checked)
    assert text.index("rows kept") < text.index("Personal data")
    assert 'id="finding-empty"' in text


def test_it_switches_a_choice_at_once_and_takes_it_back(checked, editor, as_):
    client = as_(editor)
    answer = client.post(f"/datasets/{checked.pk}/choice/", {"flag": "personal", "choice": "drop"}, headers=HTMX)
    text = answer.content.decode()
    assert text.strip().startswith("<section")
    assert re.search(r'value="drop"\s+aria-pressed="true"', text)
    checked.refresh_from_db()
    assert checked.choices == {"personal": "drop"}
    text = client.post(f"/datasets/{checked.pk}/undo/", headers=HTMX).content.decode()
    assert re.search(r'value="mask"\s+aria-pressed="true"', text)
    checked.refresh_from_db()
    assert (checked.choices, checked.history) == ({}, [])
    assert set(AuditEvent.objects.values_list("action", flat=True)) >= {"dataset.choice", "dataset.choice_undone"}


def test_it_switches_a_choice_without_javascript_too(checked, editor, as_):
    answer = as_(editor).post(f"/datasets/{checked.pk}/choice/", {"flag": "personal", "choice": "drop"})
    assert answer.url == f"/datasets/{checked.pk}/"


def test_it_refuses_a_choice_that_there_is_not(checked, editor, as_):
    client = as_(editor)
    for flag, choice in (("empty", "keep"), ("nonsense", "drop")):
        assert client.post(f"/datasets/{checked.pk}/choice/", {"flag": flag, "choice": choice}).status_code == 422


def test_it_opens_the_rows_behind_a_count(checked, editor, as_):
    client = as_(editor)
    text = page(client, checked, "rows/personal/")
    assert "jane.doe@mailbox.example" in text
    assert "kettle number 3?" not in text
    assert client.get(f"/datasets/{checked.pk}/rows/nonsense/").status_code == 404


def test_it_reads_again_with_corrections(checked, editor, as_):
    client = as_(editor)
    client.post(f"/datasets/{checked.pk}/read/", {"delimiter": ",", "header_row": "0"})
    checked.refresh_from_db()
    assert (checked.state, checked.overrides) == (State.UPLOADED, {"delimiter": ",", "header_row": 0})
    importing.read(checked)
    assert checked.reading["delimiter"] == ","
    assert checked.reading["header_row"] == 0
    client.post(f"/datasets/{checked.pk}/read/", {})
    checked.refresh_from_db()
    importing.read(checked)
    assert checked.mapping == {"question": "question", "answer": "answer"}


def test_it_takes_up_an_offer_of_the_reader(dataset, editor, as_):
    rows = "\n".join(f"How much is kettle {n}?,It costs {n} euros{', or so' * (n % 2)}" for n in range(60))
    dataset.upload.path.write_text(f"question,answer\n{rows}\n")
    importing.read(dataset)
    client = as_(editor)
    assert "Take the rest of each line as text" in page(client, dataset)
    client.post(f"/datasets/{dataset.pk}/read/", {"offer": "rest_is_text"})
    dataset.refresh_from_db()
    importing.read(dataset)
    assert dataset.overrides == {"rest_is_text": True}
    assert dataset.report["kept"] == 60
    assert "It costs 3 euros, or so" in page(client, dataset)


def test_it_tries_once_more_after_a_refusal(dataset, editor, as_):
    Dataset.objects.filter(pk=dataset.pk).update(state=State.REJECTED, error={"what": "It stopped.", "todo": "Again."})
    client = as_(editor)
    assert "It stopped." in page(client, dataset)
    client.post(f"/datasets/{dataset.pk}/read/", {"as_it_was": "1"})
    dataset.refresh_from_db()
    assert (dataset.state, dataset.error) == (State.UPLOADED, {})


def test_it_maps_other_columns_and_looks_at_the_rows_again(checked, editor, as_):
    client = as_(editor)
    client.post(f"/datasets/{checked.pk}/mapping/", {"question": "topic", "answer": "answer"})
    checked.refresh_from_db()
    checked.upload.path.unlink()  # whoever read the file again would find nothing
    importing.read(checked)
    assert checked.state == State.CHECKING
    assert checked.mapping == {"question": "topic", "answer": "answer"}
    assert "Chosen by you." in page(client, checked)


def test_it_refuses_one_column_for_two_roles(checked, editor, as_):
    answer = as_(editor).post(f"/datasets/{checked.pk}/mapping/", {"question": "answer", "answer": "answer"})
    assert answer.status_code == 422
    assert "chosen twice" in answer.content.decode()


def test_it_uses_the_data_once(checked, editor, as_):
    client = as_(editor)
    for _ in range(2):
        assert client.post(f"/datasets/{checked.pk}/use/").url == f"/datasets/{checked.pk}/"
    checked.refresh_from_db()
    assert checked.state == State.IMPORTING
    importing.finish(checked)
    text = page(client, checked)
    assert "42 examples are ready to learn from." in text
    assert "Download the 1 row left out" in text


def test_it_changes_nothing_once_the_data_is_ready(ready, editor, as_):
    client = as_(editor)
    for part, body in (
        ("choice/", {"flag": "personal", "choice": "drop"}),
        ("mapping/", {"question": "topic", "answer": "answer"}),
        ("read/", {"delimiter": ","}),
    ):
        assert client.post(f"/datasets/{ready.pk}/{part}", body).status_code == 422
    ready.refresh_from_db()
    assert (ready.state, ready.choices) == (State.READY, {})


@async_to_sync
async def whole(answer) -> bytes:
    return b"".join([block async for block in answer.streaming_content])


def test_it_gives_away_what_was_left_out(ready, viewer, stranger, as_):
    answer = as_(viewer).get(f"/datasets/{ready.pk}/dropped.csv")
    assert "Where is the answer?" in whole(answer).decode("utf-8-sig")
    assert answer["Content-Disposition"].startswith("attachment")
    assert as_(stranger).get(f"/datasets/{ready.pk}/dropped.csv").status_code == 404


def test_it_deletes_after_a_question(ready, editor, as_, django_capture_on_commit_callbacks):
    client = as_(editor)
    folder, file = ready.folder, ready.upload.path
    assert "cannot be undone" in page(client, ready, "delete/")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/datasets/{ready.pk}/delete/")
    assert not Dataset.objects.exists()
    assert not folder.exists()
    assert not file.exists()


def test_it_keeps_data_that_a_model_learned_from(ready, editor, as_):
    from training.models import TrainingRun

    TrainingRun.objects.create(project=ready.project, dataset=ready, base_model="smollm2-135m-instruct")
    client = as_(editor)
    assert "So it stays" in page(client, ready, "delete/")
    assert client.post(f"/datasets/{ready.pk}/delete/").status_code == 409
    assert Dataset.objects.exists()


def test_it_shows_every_state_to_a_viewer_without_buttons(checked, viewer, as_):
    client = as_(viewer)
    for state in State.values:
        Dataset.objects.filter(pk=checked.pk).update(state=state)
        main = page(client, checked).split("<main")[1].split("</main>")[0]
        assert "<button" not in main.replace('class="copy"', ""), state


def test_it_hides_everything_from_a_stranger(checked, stranger, as_):
    client = as_(stranger)
    for part in ("", "rows/personal/", "dropped.csv", "delete/"):
        assert client.get(f"/datasets/{checked.pk}/{part}").status_code == 404
    for part in ("read/", "mapping/", "choice/", "undo/", "use/", "delete/"):
        assert client.post(f"/datasets/{checked.pk}/{part}").status_code == 404


def test_it_knows_what_comes_next(project, owner):
    from projects.wizard import Place
    from training.models import ModelVersion, TrainingRun

    assert Place(project).action.title == "Add data"
    data = Dataset.objects.create(project=project, name="faq.csv", state=State.CHECKING)
    assert Place(project).action.title == "Check your data"
    Dataset.objects.update(state=State.READY, counts={"kept": 12})
    assert Place(project).action.title == "Train"
    run = TrainingRun.objects.create(project=project, dataset=data, base_model="b", state="queued")
    assert (Place(project).action.waiting, Place(project).action.text) == (True, "A training waits for its turn.")
    TrainingRun.objects.update(state="running")
    assert (Place(project).action.waiting, Place(project).action.text) == (True, "A model is being trained.")
    TrainingRun.objects.update(state="failed")
    assert Place(project).action.title == "Train again"
    TrainingRun.objects.update(state="succeeded")
    ModelVersion.objects.create(project=project, number=1, run=run)
    assert Place(project).action.title == "See the result"
    assert [step.state for step in Place(project).loop] == ["done", "done", "now", "todo", "todo"]


def test_it_asks_to_retrain_once_answers_were_corrected(project, owner):
    from endpoints.models import Conversation, Endpoint, Feedback, Message
    from projects.wizard import Place
    from training.models import ModelVersion, TrainingRun

    data = Dataset.objects.create(project=project, name="faq.csv", state=State.READY, counts={"kept": 12})
    run = TrainingRun.objects.create(project=project, dataset=data, base_model="b", state="succeeded")
    ModelVersion.objects.create(project=project, number=1, run=run)
    endpoint = Endpoint.objects.create(project=project, slug="kettle", name="Kettle", published=True)
    assert Place(project).action.title == "Open the assistant"
    talk = Conversation.objects.create(endpoint=endpoint)
    for correction, used_in in (("Right.", None), ("", None), ("Old.", data)):
        message = Message.objects.create(conversation=talk, role="assistant", text="Wrong.")
        Feedback.objects.create(message=message, rating=-1, correction=correction, used_in=used_in)
    assert Place(project).corrections == 1
    assert Place(project).action.title == "Retrain with them"


def test_it_proposes_the_version_that_is_better_than_the_live_one(project, owner, viewer, as_):
    from endpoints.models import Deployment, Endpoint
    from tests.training.conftest import report
    from training.models import Evaluation, ModelVersion, TrainingRun

    data = Dataset.objects.create(project=project, name="faq.csv", state=State.READY, counts={"kept": 12})

    def version(number, tuned):
        run = TrainingRun.objects.create(
            project=project, dataset=data, base_model="smollm2-135m-instruct", state="succeeded", preset="quick"
        )
        made = ModelVersion.objects.create(project=project, number=number, run=run, manifest={"examples": 24})
        Evaluation.objects.create(model=made, report=report(tuned=tuned, retrieval=0.3, base=0.1))
        return made

    endpoint = Endpoint.objects.create(project=project, slug="kettle", name="Kettle", published=True)
    Deployment.objects.create(endpoint=endpoint, model=version(1, 0.5), answers_with="tuned")
    client = as_(owner)
    assert "Open the assistant" in client.get(f"/projects/{project.pk}/").content.decode()
    version(2, 0.4)
    assert "Publish the better version" not in client.get(f"/projects/{project.pk}/").content.decode()
    better = version(3, 0.8)
    text = client.get(f"/projects/{project.pk}/").content.decode()
    assert text.count('class="button primary"') == 1
    assert re.search(rf'href="/models/{better.pk}/publish/">\s*Publish the better version', text)
    assert "Version 3 is better than version 1, which is live." in text
    assert client.get(f"/models/{better.pk}/publish/").status_code == 200
    assert "Publish the better version" in client.get("/").content.decode()
    text = as_(viewer).get(f"/projects/{project.pk}/").content.decode()
    assert "Publish the better version" not in text
    # A newer set of data does not hide it; once it is live there is nothing to propose.
    endpoint.deployments.update(ended="2026-01-01T00:00Z")
    Deployment.objects.create(endpoint=endpoint, model=better, answers_with="tuned")
    assert "Open the assistant" in client.get(f"/projects/{project.pk}/").content.decode()


def test_it_folds_the_first_rows_under_the_decisions(checked, editor, viewer, as_):
    for person in (editor, viewer):
        text = page(as_(person), checked)
        fold = re.search(r'<details class="drawer" id="preview">(.*?)</details>', text, re.S)
        assert re.match(r"\s*<summary>The first rows</summary>", fold[1])
        assert fold[1].count("<tr") == 21  # the names of the columns and twenty rows
        assert "kettle number 19" in fold[1]
        assert "kettle number 20" not in fold[1]
        assert text.index("How good the data is") < fold.start()
        assert text.index("Which column is what") < fold.start()


def test_it_folds_the_first_rows_of_a_log_too(team, owner, as_, monkeypatch):
    from projects.models import Project

    monkeypatch.setattr(reading, "read_guarded", reading.read)
    shop = Project.objects.create(team=team, name="Shop", use_case="recommendation", created_by=owner)
    rows = "".join(f"p{n % 9},item{n % 7},2024-03-{n % 28 + 1:02}\n" for n in range(90))
    log = datasets.create_dataset(
        shop, uploading.store(shop, owner, "log.csv", [f"who,what,when\n{rows}".encode()]), owner
    )
    importing.read(log)
    text = page(as_(owner), log)
    fold = re.search(
        r'<details class="drawer">\s*<summary>Table of the first rows</summary>(.*?)</details>', text, re.S
    )
    assert fold[1].count("<tr") == 21


def test_it_cures_a_warning_where_it_stands(dataset, editor, viewer, as_):
    rows = "\n".join(f"How much is kettle {n}?,It costs {n} euros{', or so' * (n % 2)}" for n in range(60))
    dataset.upload.path.write_text(f"question,answer\n{rows}\n")
    importing.read(dataset)
    text = page(as_(editor), dataset)
    notices = re.findall(r'<div class="notice warn">(.*?)</form>', text, re.S)
    assert any("Many rows have more cells" in one and 'value="rest_is_text"' in one for one in notices)
    assert text.count('value="rest_is_text"') == 1
    assert any("more rows" in one or ("left to learn from" in one and "Add other data" in one) for one in notices)
    assert 'value="rest_is_text"' not in page(as_(viewer), dataset)


# A file with something in it that is not read → what the warning about it says, and the field with which it is read.
FEW = [["question", "answer"], *([f"How much is kettle {n}?", f"It costs {n} euros."] for n in range(12))]
MANY = [["question", "answer"], *([f"When does tea {n} come?", f"It comes on day {n}."] for n in range(30))]
LEFT = {
    "hidden_rows": (lambda path: xlsx(path / "a.xlsx", {"FAQ": MANY}, hidden={"FAQ": [3, 4]}), "2 rows are hidden"),
    "hidden_sheets": (lambda path: xlsx(path / "a.xlsx", {"Old": FEW, "FAQ": MANY}, unseen=["Old"]), "Old (12)"),
    "members_left": (lambda path: archive(path / "a.zip", {"faq.csv": MANY, "people.csv": PEOPLE}), "people.csv"),
}
PEOPLE = [["name", "town", "since"], *([f"Person {n}", f"Town {n}", str(1990 + n)] for n in range(12))]


def archive(path, tables):
    with zipfile.ZipFile(path, "w") as found:
        for name, rows in tables.items():
            found.writestr(name, "\n".join(",".join(row) for row in rows))
    return path


def pressed(client, dataset, words):
    """Presses the first button of the warning that says so, as a browser would, and reads the file again."""
    text = page(client, dataset)
    forms = re.findall(r'<div class="notice warn">(.*?)</form>', text, re.S)
    notice = next((one for one in forms if words in one), None)
    assert notice, text
    name, value = re.search(r'<button [^>]*name="(\w+)" value="([^"]+)"', notice).groups()
    client.post(f"/datasets/{dataset.pk}/read/", {name: value})
    dataset.refresh_from_db()
    importing.read(dataset)
    dataset.refresh_from_db()
    return notice


@pytest.mark.parametrize("kind", LEFT)
def test_it_reads_what_was_left_out_when_its_button_is_pressed(
    kind, project, owner, editor, as_, monkeypatch, tmp_path
):
    monkeypatch.setattr(reading, "read_guarded", reading.read)
    make, words = LEFT[kind]
    file = make(tmp_path)
    upload = uploading.store(project, owner, file.name, [file.read_bytes()])
    dataset = datasets.create_dataset(project, upload, owner)
    importing.read(dataset)
    client = as_(editor)
    pressed(client, dataset, words)
    if kind == "hidden_rows":
        assert (dataset.overrides, dataset.reading["rows"]) == ({"without_hidden": True}, 28)
        pressed(client, dataset, "2 rows are hidden in the sheet and left out")
        assert (dataset.overrides, dataset.reading["rows"]) == ({}, 30)
    elif kind == "hidden_sheets":
        assert (dataset.reading["sheet"], dataset.reading["rows"]) == ("Old", 12)
        assert "How much is kettle 3?" in page(client, dataset)
    else:
        assert (dataset.reading["member"], dataset.reading["rows"]) == ("people.csv", 12)
        assert "Person 3" in page(client, dataset)


def test_every_warning_of_the_report_has_its_one_next_thing(checked):
    said = _remarks.of_report(checked, [(code, defaultdict(str, count=2, rows=3)) for code in quality.WARNINGS])
    kinds = {remark.kind for remark in said if not remark.cures}
    assert kinds == {"info"}
