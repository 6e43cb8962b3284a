"""The colours can be read: every pair that the style sheets put on each other, in the light and in the dark scheme."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
COLOUR = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
SCHEMES = ("light", "dark")

TEXT = [  # ink, paper: WCAG 1.4.3 wants 4.5 to 1
    *((ink, paper) for ink in ("ink", "ink-soft", "accent") for paper in ("paper", "surface", "sunken", "bubble")),
    *((ink, f"{soft}-soft") for ink in ("ink", "ink-soft") for soft in ("accent", "good", "warn", "bad")),
    *((name, f"{name}-soft") for name in ("accent", "good", "warn", "bad")),
    *((name, paper) for name in ("good", "warn", "bad") for paper in ("paper", "surface")),
    ("on-accent", "accent-fill"),
    ("on-accent", "accent-fill-hover"),
    ("on-accent", "bad-fill"),
]
SHAPES = [  # edges of inputs, bars and lines: WCAG 1.4.11 wants 3 to 1
    *(("edge", paper) for paper in ("paper", "surface", "sunken")),
    *((f"series-{number}", "surface") for number in (1, 2, 3, 4)),
    ("accent", "surface"),
]


def palette() -> dict[str, dict[str, str]]:
    found = COLOUR.findall((CSS / "tokens.css").read_text(encoding="utf-8"))
    return {name: dict(zip(SCHEMES, pair, strict=True)) for name, *pair in found}


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def ratio(front: str, back: str, scheme: str) -> float:
    colours = palette()
    return contrast(colours[front][scheme], colours[back][scheme])


@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_can_be_read(scheme: str) -> None:
    weak = {pair: round(ratio(*pair, scheme), 2) for pair in TEXT if ratio(*pair, scheme) < 4.5}
    assert not weak


@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_shows_its_edges(scheme: str) -> None:
    weak = {pair: round(ratio(*pair, scheme), 2) for pair in SHAPES if ratio(*pair, scheme) < 3}
    assert not weak


def test_it_uses_only_tokens_that_exist() -> None:
    known = set(re.findall(r"^\s*--([\w-]+):", "\n".join(p.read_text("utf-8") for p in CSS.glob("*.css")), re.M))
    used = {
        (path.name, name)
        for path in CSS.glob("*.css")
        for name in re.findall(r"var\(--([\w-]+)", path.read_text(encoding="utf-8"))
    }
    assert not {(file, name) for file, name in used if name not in known}


def test_it_knows_black_on_white_is_twenty_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
