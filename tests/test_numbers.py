"""A count agrees with its noun: what is said of several is said of one in other words."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from projects import quality, refusals
from tests.messages import collected

NOUNS = """
rows people persons items texts labels columns cells files sheets tables questions answers examples days versions
conversations times steps lines messages members minutes hours seconds purchases trainings suggestions choices values
places projects corrections keys requests
"""
COUNTED = re.compile(
    rf"(?<!of )(?<!at least )(?<!Version )(?<!about )(?<!About )(?<!more than )%\((\w+)\)[sd] (?:different |more |known )?({'|'.join(NOUNS.split())})\b"
)
VERB = re.compile(r"\b(?:are|were) (?:only )?%\((\w+)\)[sd](?= ?[.,]| \w+s\b)")
LABEL = re.compile(rf"^(?:different |of %\(\w+\)s )?(?:{'|'.join(NOUNS.split())}|tokens|baskets|cases)\b")
"""What stands under a number of its own, such as “answers” under 12."""
# What counts for a limit, for tries before something is given up, or for much of something is never one.
ALWAYS_SEVERAL = {
    "limit",
    "most",
    "enough",
    "needed",
    "of",
    "total",
    "all",
    "seconds",
    "days",
    "rows",
    "held",
    "examples",
    "ratio",
}
NEVER_ONE = (
    "broken off",
    "stopped the reader",
    "nearly one for each row",
    "as the rarest",
    "as high up as by chance",
    "How many in every",
    "with most mistakes",
    "are read as one table",
)


@pytest.mark.slow
def test_it_says_counts_with_a_plural():
    wrong = []
    for (_context, message), (plural, places) in collected().items():
        names = [found[1] for pattern in (COUNTED, VERB) for found in pattern.finditer(message)]
        often = any(words in message for words in NEVER_ONE)
        if not plural and not often and set(names) - ALWAYS_SEVERAL:
            wrong.append(f"{places[0]}: {message}")
    assert not wrong, "use ngettext:\n" + "\n".join(wrong)


@pytest.mark.slow
def test_it_labels_a_number_with_a_plural():
    wrong = [
        f"{places[0]}: {message}"
        for (_context, message), (plural, places) in collected().items()
        if LABEL.match(message) and not plural and "a minute" not in message  # the name of a setting
    ]
    assert not wrong, "use ngettext:\n" + "\n".join(wrong)


@pytest.mark.django_db
def test_it_says_one_answer_where_there_is_one(owner, project, as_):
    """Through the page: a figure of one stands over a word for one."""
    from endpoints.models import Endpoint, Usage

    endpoint = Endpoint.objects.create(project=project, slug="shop", name="Shop", published=True)
    address = reverse("endpoints:endpoint", args=[endpoint.pk])
    for requests, words in ((1, {"answer", "token"}), (2, {"answers", "tokens"})):
        Usage.objects.update_or_create(
            endpoint=endpoint,
            key=None,
            day=timezone.localdate(),
            defaults={"requests": requests, "answers": requests, "prompt_tokens": requests},
        )
        page = as_(owner).get(address).content.decode()
        labels = {label.strip() for label in re.findall(r'class="stat-label">([^<]*)<', page)}
        assert words <= labels, labels


@pytest.mark.parametrize(
    ("said", "one", "many"),
    [
        (lambda n: refusals.sentence("few_rows", {"count": n}), "There is only 1 row.", "There are only 1,204 rows."),
        (
            lambda n: refusals.problem("too_many_cells", {"cells": n, "columns": 2}),
            "The row has 1 cell, the header has 2.",
            "The row has 1,204 cells, the header has 2.",
        ),
        (
            lambda n: quality.warning_sentence("few_kept", {"count": n}),
            "Only 1 row is left to learn from. A few hundred work much better.",
            "Only 1,204 rows are left to learn from. A few hundred work much better.",
        ),
    ],
)
def test_it_agrees_in_number_in_what_is_stored_as_code_and_facts(said, one, many):
    with override("en"):
        assert str(said(1)) == one
        assert str(said(1204)) == many
    with override("zh-hans"):
        assert "1" in str(said(1))
