"""What the scripts and templates promise: nothing inline, no HTML from strings, a widget nobody notices loading."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted([*(ROOT / "static" / "js").glob("*.js"), *(ROOT / "static" / "widget").glob("*.js")])
PAGES = sorted((ROOT / "templates").rglob("*.html"))


def found(pattern: str, files: list[Path]) -> list[str]:
    return [f"{file.name}: {match}" for file in files for match in re.findall(pattern, file.read_text("utf-8"))]


def test_it_sends_a_widget_of_less_than_ten_kilobytes() -> None:
    assert len(gzip.compress((ROOT / "static/widget/widget.js").read_bytes())) < 10_000


def test_it_never_makes_html_from_a_string() -> None:
    assert not found(r"(?:inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\(", SCRIPTS)


def test_it_writes_nothing_inline_that_the_policy_would_refuse() -> None:
    assert not found(r"<style|\sstyle=|\son[a-z]+=\"|<script>|hx-on|href=\"javascript:", PAGES)


def test_it_has_every_icon_that_a_page_shows() -> None:
    sprite = set(re.findall(r'id="([\w-]+)"', (ROOT / "static/vendor/lucide/icons.svg").read_text("utf-8")))
    used = {
        name for page in PAGES for name in re.findall(r'_icon\.html" with name="([\w-]+)"', page.read_text("utf-8"))
    }
    assert used <= sprite
