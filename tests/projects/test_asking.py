"""Who is asking, whatever a visitor writes into a header."""

from __future__ import annotations

import pytest

from projects import asking


@pytest.fixture
def proxies(settings):
    def many(number):
        settings.PROXIES = number

    return many


@pytest.mark.parametrize("forwarded", ["", "198.51.100.1", "198.51.100.1, 192.0.2.1", "nonsense"])
def test_without_a_proxy_the_header_is_not_read(proxies, forwarded):
    proxies(0)
    assert asking.address("203.0.113.5", forwarded) == "203.0.113.5"


@pytest.mark.parametrize(
    ("forwarded", "wanted"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("198.51.100.1, 203.0.113.5", "203.0.113.5"),
        ("127.0.0.1,10.0.0.1 , 203.0.113.5", "203.0.113.5"),
        ("203.0.113.5:4711", "203.0.113.5"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("198.51.100.1, nonsense", "172.18.0.2"),
        ("", "172.18.0.2"),
    ],
)
def test_behind_a_proxy_what_the_proxy_added_counts(proxies, forwarded, wanted):
    proxies(1)
    assert asking.address("172.18.0.2", forwarded) == wanted


def test_behind_two_proxies_the_outer_one_says_who_it_was(proxies):
    proxies(2)
    assert asking.address("10.0.0.2", "198.51.100.1, 203.0.113.5, 10.0.0.9") == "203.0.113.5"


def test_who_is_no_proxy_speaks_for_nobody(proxies):
    proxies(1)
    assert asking.address("203.0.113.66", "198.51.100.1") == "203.0.113.66"


def test_a_household_is_one_visitor_and_two_are_two():
    assert asking.network("2001:db8:1:2::1") == asking.network("2001:db8:1:2:ffff::9")
    assert asking.network("2001:db8:1:2::1") != asking.network("2001:db8:1:3::1")
    assert asking.network("203.0.113.5") != asking.network("203.0.113.6")
    assert asking.network("::ffff:203.0.113.5") == asking.network("203.0.113.5")


def test_nobody_else_reads_where_a_request_came_from():
    """A limit that looks into the request itself would count a proxy as everybody."""
    from pathlib import Path

    root = Path(__file__).resolve().parents[2]
    for package in ("studio", "projects", "training", "endpoints"):
        for path in (root / package).rglob("*.py"):
            if path.name != "asking.py":
                text = path.read_text(encoding="utf-8")
                assert "REMOTE_ADDR" not in text and "X-Forwarded-For" not in text, path
                assert "build_absolute_uri" not in text or path.name == "links.py", path
