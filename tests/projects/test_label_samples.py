"""The samples of the use cases with labels, loaded as people load them."""

from __future__ import annotations

from collections import Counter

import pytest

from projects import importing
from projects.labels import examining, offering
from projects.models import Dataset, Project
from projects.usecases import all_use_cases
from tests.projects.labels_of import every, finished, unguarded  # noqa: F401

pytestmark = pytest.mark.django_db
CASES = [one for one in all_use_cases() if one.family == "classify"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_it_brings_a_sample_that_needs_no_repair(case, team, owner, as_, unguarded):  # noqa: F811
    project = Project.objects.create(team=team, name="Sample", use_case=case.slug, created_by=owner)
    as_(owner).post(f"/projects/{project.pk}/data/sample/")
    data = project.datasets.get()
    importing.read(data)
    assert data.state == Dataset.State.CHECKING, data.error
    assert offering.suggestions(data, examining.cells(data.rows_file)) == []
    finished(data)
    assert data.counts["kept"] == data.counts["rows"] >= 150
    labels = Counter(one["labels"][0] for one in every(data))
    assert min(labels.values()) >= 20


def test_it_has_use_cases_with_a_safety_notice_and_a_person():
    triage = next(one for one in CASES if one.slug == "risk_triage")
    assert "emergency" in str(triage.notice)
    assert "person" in str(triage.person_outcome)
    assert {one.slug for one in CASES} >= {"sentiment", "intent_routing", "risk_triage"}
    assert all(set(one.metrics) == {"accuracy", "macro_f1"} for one in CASES)
