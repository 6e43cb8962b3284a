"""Each test starts with no account remembered and no sign-in attempt counted."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def fresh():
    from django.core.cache import cache

    from studio import people

    people.forget_anybody()
    cache.clear()
    yield
    people.forget_anybody()
    cache.clear()
