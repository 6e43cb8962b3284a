"""Pages for what went wrong say what to do next."""

from __future__ import annotations

import pytest


@pytest.mark.django_db
def test_it_says_what_to_do_with_more_text_than_a_form_takes(as_, owner, project, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    reply = as_(owner).post(f"/projects/{project.pk}/data/paste/", {"text": "a,b\n" * 1000})
    assert reply.status_code == 400
    assert "upload the file instead" in reply.content.decode()


@pytest.mark.django_db
def test_it_says_that_a_page_is_not_there(as_, owner):
    reply = as_(owner).get("/nothing-here/")
    assert reply.status_code == 404
    assert "<h1" in reply.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["owner", None])
def test_it_leads_back_from_the_address_of_a_form(as_, client, who, request, project):
    visitor = as_(request.getfixturevalue(who)) if who else client
    request.getfixturevalue("owner")
    reply = visitor.get(f"/projects/{project.pk}/archive/")
    assert (reply.status_code, reply["Allow"]) == (405, "POST")
    assert "only takes what a button or a form sends" in reply.content.decode()
    assert 'href="/"' in reply.content.decode()
