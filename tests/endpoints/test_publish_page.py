"""The page on which a model is published: where one is, one thing to press, and what visitors will see."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from tests.training.conftest import dataset, model, report  # noqa: F401
from training.models import Evaluation

pytestmark = pytest.mark.django_db


def page_of(client, model):  # noqa: F811
    return client.get(reverse("endpoints:publish", args=[model.pk])).content.decode()


def test_it_has_the_rail_with_the_way_back(model, owner, as_):  # noqa: F811
    text = page_of(as_(owner), model)
    assert 'aria-current="step"' in text
    rail = text[text.index('class="stepper"') : text.index("</nav>", text.index('class="stepper"'))]
    assert reverse("training:report", args=[model.pk]) in rail
    assert reverse("training:new", args=[model.run.dataset.pk]) in rail


def test_it_has_one_primary_button_before_and_after_the_first_time(model, owner, as_):  # noqa: F811
    from endpoints.models import Endpoint

    assert len(primaries(page_of(as_(owner), model))) == 1
    for slug in ("one", "two"):
        Endpoint.objects.create(project=model.project, slug=slug, name=slug, published=True)
    found = primaries(page_of(as_(owner), model))
    assert len(found) == 1
    assert "Let version 1 answer for one" in found[0]


def test_it_offers_nothing_to_press_to_a_viewer(model, viewer, as_):  # noqa: F811
    assert primaries(page_of(as_(viewer), model)) == []


def test_it_shows_progress_while_it_loads(model, owner, as_):  # noqa: F811
    text = page_of(as_(owner), model)
    box = re.search(r'data-busy="#(\w+)"', text)
    assert box
    assert re.search(rf'id="{box[1]}"[^>]*hidden>.*?<progress', text, re.S)


def test_it_previews_what_was_typed(model, owner, stranger, as_):  # noqa: F811
    preview = reverse("endpoints:publish_preview", args=[model.pk])
    assert preview in page_of(as_(owner), model)
    typed = {"name": "<b>Tea & co", "greeting": "Morning.", "starters": "One?\n\nTwo?", "color": "#112233"}
    reply = as_(owner).get(preview, typed)
    text = reply.content.decode()
    assert reply["X-Frame-Options"] == "SAMEORIGIN"
    assert "<b>Tea" not in text
    assert all(word in text for word in ("Morning.", "One?", "Two?", "#112233"))
    assert as_(stranger).get(preview).status_code == 404


def test_it_folds_away_what_cannot_be_recommended_and_says_why(model, owner, as_):  # noqa: F811
    for page in ("endpoints:publish", "endpoints:tryout"):
        text = as_(owner).get(reverse(page, args=[model.pk])).content.decode()
        folded = [part for part in re.findall(r"<details[^>]*>(.*?)</details>", text, re.S) if "base" in part]
        assert folded, page
        assert "It has never seen your data, so it makes its answers up." in folded[0]
        assert "of 60 questions rightly" in folded[0]
    text = page_of(as_(owner), model)
    ways = text[text.index("<legend>What answers") : text.index("What we do not recommend")]
    assert 'value="tuned"' in ways and 'value="retrieval"' in ways and 'value="base"' not in ways


def test_it_folds_away_a_trained_model_that_is_not_ready(model, owner, as_):  # noqa: F811
    Evaluation.objects.filter(model=model).update(report=report(tuned=0.3, retrieval=0.3, base=0.3))
    text = page_of(as_(owner), model)
    ways = text[text.index("<legend>What answers") : text.index("What we do not recommend")]
    assert 'value="retrieval"' in ways and 'value="tuned"' not in ways
    assert "What the trained model writes itself is no better" in text[text.index("What we do not recommend") :]
    page = as_(owner).get(reverse("endpoints:publish", args=[model.pk]), {"answers_with": "tuned"}).content.decode()
    assert 'value="tuned"' in page[page.index("<legend>What answers") : page.index("What we do not recommend")]


def test_it_takes_what_is_folded_away_from_whoever_chooses_it(model, owner, as_):  # noqa: F811
    from endpoints.forms import PublishForm
    from endpoints.models import Endpoint

    ways = {"tuned": "Trained", "base": "Base"}
    data = {"name": "A", "color": "#112233", "visibility": "link", "threshold": 0, "messages_a_minute": 5}
    data |= {"requests_a_minute": 5, "answers_with": "base"}
    form = PublishForm(data, instance=Endpoint(project=model.project), ways=ways, unfit={"base": "It invents."})
    assert form.is_valid(), form.errors
    assert [radio.data["value"] for radio in form.fit_ways()] == ["tuned", "base"], "what is chosen is not hidden"


def primaries(text):
    return re.findall(r'<(?:button|a)[^>]*class="[^"]*\bprimary\b[^>]*>(.*?)</', text, re.S)


def test_the_notice_about_the_widget_leads_to_where_a_web_site_is_added(model, owner, viewer, as_):  # noqa: F811
    from endpoints.models import Endpoint

    made = Endpoint.objects.create(project=model.project, slug="one", name="One", published=True)
    address, settings = (reverse(f"endpoints:{name}", args=[made.pk]) for name in ("endpoint", "settings"))
    notice = '<a class="button small" href="' + settings + '">Add your web site</a>'
    assert notice in as_(owner).get(address).content.decode()
    assert notice not in as_(viewer).get(address).content.decode()
    Endpoint.objects.update(visibility="team")
    assert "Choose who may use it</a>" in as_(owner).get(address).content.decode()


def test_a_viewer_can_change_no_field(model, viewer, owner, as_):  # noqa: F811
    assert re.search(r'<fieldset class="form stack" disabled>', page_of(as_(viewer), model))
    assert '<fieldset class="form stack" disabled>' not in page_of(as_(owner), model)


LEVEL = {"tuned": 0.6, "retrieval": 0.6, "base": 0.6}
WORSE = {"tuned": 0.5, "retrieval": 0.8, "base": 0.2}


@pytest.mark.parametrize(
    ("figures", "chosen", "title"),
    [
        (LEVEL, "tuned", "The trained model is not ready"),  # the simpler way is level, so not "better"
        (LEVEL, "retrieval", "Recommended: Only your known answers, word for word"),
        (LEVEL, "base", "What is chosen is not recommended"),
        (WORSE, "tuned", "Something simpler did better"),
        (WORSE, "retrieval", "Recommended: Only your known answers, word for word"),
        ({"tuned": 0.6, "retrieval": 0.5, "base": 0.9}, "tuned", "The model before training did better"),
        ({"tuned": 0.75, "retrieval": 0.5, "base": 0.25}, "tuned", ""),
    ],
)
def test_it_says_of_a_choice_no_more_than_the_report_found(figures, chosen, title, model, owner, as_):  # noqa: F811
    Evaluation.objects.filter(model=model).update(report=report(**figures))
    address = reverse("endpoints:publish", args=[model.pk])
    text = as_(owner).get(address, {"answers_with": chosen}).content.decode()
    titles = re.findall(r'class="notice-title"[^>]*>\s*(.*?)\s*<', text)
    assert titles == ([title] if title else [])


def test_it_offers_the_trained_model_to_whoever_wants_it_anyway(model, owner, as_):  # noqa: F811
    Evaluation.objects.filter(model=model).update(report=report(**WORSE))
    found = as_(owner).get(reverse("training:report", args=[model.pk])).content.decode()
    link = re.search(r'href="([^"]*)">\s*Publish the trained model anyway', found)[1]
    assert re.search(r'value="tuned"[^>]*checked', as_(owner).get(link).content.decode())
