"""The gallery: every use case with a picture of its own, and what one may bring to it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.urls import reverse_lazy

from projects.models import Project
from projects.usecases import Piece, all_use_cases

pytestmark = pytest.mark.django_db
CASES = all_use_cases()
NEW = reverse_lazy("projects:new")


def pictures(text):
    return [one.split("</article>")[0] for one in text.split('<article class="usecase')[1:]]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_it_has_a_picture_of_its_own_for_every_use_case(team, owner, as_, language):
    text = as_(owner).get(NEW, headers={"accept-language": language}).content.decode()
    drawn = [re.search(r'<div class="picture".*?</div>', one, re.S) for one in pictures(text)]
    assert all(drawn)
    assert len({one[0] for one in drawn if one}) == len(CASES)


def test_it_draws_the_beginning_of_a_conversation_where_a_use_case_has_no_picture():
    begins = next(case for case in CASES if case.starters)
    bare = replace(begins, picture=())
    assert bare.scene == (Piece(begins.greeting), Piece(begins.starters[0], mine=True))


def test_it_welcomes_texts_without_labels_where_one_chooses(team, owner, as_):
    client = as_(owner)
    shown = pictures(client.get(NEW).content.decode())
    assert any(case.can_be_labelled_here for case in CASES)
    for case, text in zip(CASES, shown, strict=True):
        assert ("Texts without labels are welcome" in text) == case.can_be_labelled_here
        page = client.get(NEW, {"use_case": case.slug}).content.decode()
        assert ("Texts without labels are welcome" in page) == case.can_be_labelled_here


def test_it_never_offers_a_viewer_to_build(team, viewer, as_):
    for address in ("/", NEW, f"{NEW}?use_case=support_bot"):
        text = as_(viewer).get(address).content.decode()
        assert f'href="{NEW}?' not in text
        assert "<form" not in text.split("<main")[1]


def test_it_says_of_every_use_case_what_its_own_sample_is(team, owner, as_):
    client, said = as_(owner), []
    for case in CASES:
        project = Project.objects.create(team=team, name=case.slug, use_case=case.slug, created_by=owner)
        page = client.get(f"/projects/{project.pk}/data/").content.decode()
        said += re.findall(r"Take the sample: [^<]+", page)
        assert str(case.about_sample) in page
    assert len(said) == len(set(said)) == len(CASES)
