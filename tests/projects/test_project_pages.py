"""The first page, new projects, the loop, and the ways to add data."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from projects.models import AuditEvent, Dataset, Membership, Project, Team

pytestmark = pytest.mark.django_db
NASTY = '<script>alert(1)</script>"=1+1'


def test_it_shows_the_gallery_while_there_is_no_project(owner, as_):
    page = as_(owner).get("/").content.decode()
    assert "What do you want to build?" in page
    assert "/new/?use_case=support_bot" in page


def test_it_makes_a_project_with_a_name_and_goes_on_to_the_data(editor, team, as_):
    client = as_(editor)
    assert client.get("/new/?use_case=support_bot").status_code == 200
    answer = client.post("/new/?use_case=support_bot", {"name": "Shop helper", "team": team.pk})
    project = Project.objects.get()
    assert answer.url == f"/projects/{project.pk}/data/"
    assert (project.name, project.team, project.created_by) == ("Shop helper", team, editor)
    assert AuditEvent.objects.filter(action="project.created").exists()


def test_it_makes_no_project_in_a_team_of_others(viewer, stranger, team, as_):
    for person in (viewer, stranger):
        as_(person).post("/new/?use_case=support_bot", {"name": "Mine", "team": team.pk})
    assert not Project.objects.exists()
    assert as_(viewer).get("/new/?use_case=nonsense").status_code == 404


def test_it_draws_the_loop_with_one_next_action(project, owner, as_):
    page = as_(owner).get(f"/projects/{project.pk}/").content.decode()
    for word in ("Data", "Model", "Assistant", "Conversations", "Corrections", "Add data"):
        assert word in page
    assert page.count('class="button primary"') == 1


def test_it_lists_my_projects_with_what_comes_next(project, owner, stranger, as_):
    Dataset.objects.create(project=project, name="faq.csv", state="checking")
    page = as_(owner).get("/").content.decode()
    assert project.name in page
    assert "Check your data" in page
    assert project.name not in as_(stranger).get("/").content.decode()


def test_it_shows_the_team_that_one_looks_at(project, owner, as_):
    from projects.models import Membership, Team

    other = Team.objects.create(name="Second shop")
    Membership.objects.create(team=other, user=owner, role="owner")
    client = as_(owner)
    assert project.name in client.get("/").content.decode()
    session = client.session
    session["team"] = other.pk
    session.save()
    page = client.get("/").content.decode()
    assert project.name not in page
    assert "You look at Second shop." in page
    page = client.get("/new/?use_case=support_bot").content.decode()
    assert f'<option value="{other.pk}" selected>' in " ".join(page.split())


def test_it_renames_and_escapes(project, editor, as_):
    client = as_(editor)
    client.post(f"/projects/{project.pk}/rename/", {"name": NASTY})
    for address in ("/", f"/projects/{project.pk}/", f"/projects/{project.pk}/data/"):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
    assert client.post(f"/projects/{project.pk}/rename/", {"name": ""}).status_code == 422


def test_it_puts_a_project_away_and_takes_it_back(project, editor, as_):
    client = as_(editor)
    page = client.post(f"/projects/{project.pk}/archive/", follow=True).content.decode()
    assert "put away" in page
    assert f"/projects/{project.pk}/restore/" in page
    client.post(f"/projects/{project.pk}/restore/")
    project.refresh_from_db()
    assert project.archived is None
    assert [e.action for e in AuditEvent.objects.all()] == ["project.restored", "project.archived"]


def test_it_takes_a_file_from_a_plain_form(project, editor, as_):
    file = SimpleUploadedFile("faq.csv", b"question,answer\na,b\n")
    answer = as_(editor).post(f"/projects/{project.pk}/data/", {"file": file})
    dataset = Dataset.objects.get()
    assert answer.url == f"/datasets/{dataset.pk}/"
    assert dataset.upload.path.read_bytes().startswith(b"question")


def test_it_takes_pasted_rows_and_the_sample(project, editor, as_):
    client = as_(editor)
    client.post(f"/projects/{project.pk}/data/paste/", {"text": "question\tanswer\r\na\tb"})
    client.post(f"/projects/{project.pk}/data/sample/")
    sample, pasted = Dataset.objects.all()
    assert pasted.upload.path.read_bytes() == b"question\tanswer\r\na\tb"
    assert sample.upload.size > 1000


@pytest.mark.parametrize(("address", "body"), [("", {}), ("paste/", {"text": "  "}), ("paste/", {})])
def test_it_says_what_is_missing(address, body, project, editor, as_):
    answer = as_(editor).post(f"/projects/{project.pk}/data/{address}", body)
    assert answer.status_code == 422
    assert "first." in answer.content.decode()


def test_it_says_that_an_empty_file_is_empty(project, editor, as_):
    answer = as_(editor).post(f"/projects/{project.pk}/data/", {"file": SimpleUploadedFile("faq.csv", b"")})
    assert answer.status_code == 422
    assert "The file is empty." in answer.content.decode()


def test_it_shows_an_upload_that_broke_off(project, editor, as_):
    from projects.models import Upload

    Upload.objects.create(project=project, created_by=editor, name="big.csv", size=1000, received=250)
    page = as_(editor).get(f"/projects/{project.pk}/data/").content.decode()
    assert "The upload of big.csv stopped" in page


def test_it_lets_a_viewer_look_without_buttons(project, viewer, as_):
    dataset = Dataset.objects.create(project=project, name="faq.csv", state="rejected", error={"what": "No."})
    client = as_(viewer)
    for address in (f"/projects/{project.pk}/", f"/projects/{project.pk}/data/", f"/datasets/{dataset.pk}/"):
        page = client.get(address)
        main = page.content.decode().split("<main")[1].split("</main>")[0]
        assert page.status_code == 200
        assert 'method="post"' not in main, address


def test_it_offers_a_viewer_nothing_that_only_others_of_the_team_may_do(project, owner, viewer, as_):
    text = as_(viewer).get("/").content.decode()
    assert project.name in text
    assert "New project" not in text and "Add data" not in text
    assert "New project" in as_(owner).get("/").content.decode()
    # In a team of their own they may; that changes nothing for the project of the first.
    own = Team.objects.create(name="My own")
    Membership.objects.create(team=own, user=viewer, role="owner")
    Project.objects.create(team=own, name="Mine", use_case="support_bot", created_by=viewer)
    text = as_(viewer).get("/").content.decode()
    assert "New project" in text and text.count("Add data") == 1
