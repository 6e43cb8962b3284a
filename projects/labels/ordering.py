"""The order of labels that have one by their names: one to five stars, low to high, very unhappy to very happy."""

from __future__ import annotations

import re
from collections.abc import Mapping

from projects import labelwords as words
from projects.labels.names import fold

_NUMBER = re.compile(r"[-+]?\d{1,6}(?:[.,]\d{1,3})?%?")
_LEVEL = re.compile(r"(?:p|s|sev|level|prio|priority|tier|stufe|l)[ -]?(\d{1,2})")
# From the least to the most; a label that none of these holds has no order.
SCALES: tuple[tuple[str, ...], ...] = (
    ("none", "very low", "low", "minor", "medium", "moderate", "normal", "major", "high", "very high", "urgent", "critical"),
    ("routine", "watch", "urgent"),
    ("very negative", "strongly negative", "negative", "neutral", "mixed", "positive", "strongly positive", "very positive"),
    ("very dissatisfied", "dissatisfied", "neutral", "satisfied", "very satisfied"),
    ("very unhappy", "unhappy", "neutral", "happy", "very happy"),
    ("strongly disagree", "disagree", "neutral", "agree", "strongly agree"),
    ("terrible", "very bad", "bad", "poor", "fair", "average", "ok", "okay", "good", "very good", "great", "excellent"),
    ("never", "rarely", "sometimes", "often", "always"),
    ("sehr unzufrieden", "unzufrieden", "neutral", "zufrieden", "sehr zufrieden"),
    ("niedrig", "mittel", "normal", "hoch", "dringend", "kritisch"),
    ("差评", "中评", "好评"), ("负面", "中性", "正面"), ("低", "中", "高", "紧急"), ("差", "一般", "好"),
    ("非常不满意", "不满意", "一般", "满意", "非常满意"), ("很差", "较差", "一般", "较好", "很好"),
)  # fmt: skip


def ordered(shown: Mapping[str, int]) -> list[tuple[str, int]]:
    """Labels with their rows: by their names where these have an order, else the most frequent first."""
    ranks = _ranks(list(shown))
    if ranks is not None:
        return sorted(shown.items(), key=lambda one: (ranks[one[0]], one[0]))
    return sorted(shown.items(), key=lambda one: (-one[1], one[0]))


def _ranks(labels: list[str]) -> dict[str, float] | None:
    if len(labels) < 3:
        return None
    folded = {label: fold(label) for label in labels}
    for scale in SCALES:
        if all(name in scale for name in folded.values()):
            return {label: float(scale.index(name)) for label, name in folded.items()}
    stars = {label: words.stars(label)[0] for label in labels}
    if all(stars.values()):
        return stars
    if all(_NUMBER.fullmatch(label) for label in labels):
        return {label: float(label.rstrip("%").replace(",", ".")) for label in labels}
    levels = {label: _LEVEL.fullmatch(name) for label, name in folded.items()}
    return {label: float(level[1]) for label, level in levels.items() if level} if all(levels.values()) else None
