"""Words for the same label that do not look alike: yes and 1, neg and negative, stars and numbers."""

from __future__ import annotations

import re

from projects.bounded import Short

TRUE = {"yes", "y", "true", "t", "1", "1 0", "on", "ja", "oui", "si", "是", "对", "有", "真", "✓", "✔", "✅", "☑"}
FALSE = {
    "no",
    "n",
    "false",
    "f",
    "0",
    "0 0",
    "off",
    "nein",
    "non",
    "否",
    "不是",
    "不",
    "无",
    "没有",
    "假",
    "✗",
    "✘",
    "❌",
    "☐",
}
FEELINGS: dict[str, set[str]] = {
    "negative": {
        "negative", "neg", "bad", "negativ", "negatif", "negativo",
        "负面", "消极", "差评", "负", "负向", "不满意", "反面", "👎", "💔", "😢", "😭", "😤", "🤬", "😒", "😩", "😫", "😟", "😖", "🤮", "🤢", "😠", "😡", "☹", "😞", "🙁",
    },
    "neutral": {
        "neutral", "neu", "neut", "neutre", "neutro",
        "中性", "中立", "中评", "一般", "中", "😐", "😑", "😶", "🤔", "😕",
    },
    "positive": {
        "positive", "pos", "good", "positiv", "positif", "positivo",
        "正面", "积极", "好评", "正", "正向", "满意", "👍", "❤", "💖", "😍", "🥰", "😄", "😁", "😆", "🤩", "🎉", "🙌", "👏", "😊", "😀", "🙂", "😃", "☺",
    },
}  # fmt: skip
_NUMERALS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
_PLAIN_STARS = re.compile(r"(0[.,]5|[1-4][.,]5|[1-5])(?:0|[.,]0+)?")
_PERCENT = re.compile(r"(\d{1,3})\s?%")
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f]")
_OF_TEN = re.compile(r"(\d{1,2}(?:[.,]\d)?)\s?(?:/|out of|of|von|sur|de)\s?10", re.I)
_EXPLAINED = re.compile(r"([1-5])\s?(?:[-–:=.]|\()\s?[^\W\d][^\d]{0,60}")
_POINTS = re.compile(r"([1-5])\s?分")
_STARS = "stars?|sterne?n?|étoiles?|estrellas?|stelle|星级?|颗星"
_OF_FIVE = r"/\s?5|(?:out of|of|von|sur|de) 5"
_NAMED_STARS = Short(
    re.compile(
        r"(0[.,]5|[1-4][.,]5|[1-5]|one|two|three|four|five|一|二|两|三|四|五)(?:[.,]0{1,4})?\s?(?:-\s?)?"
        rf"(?:(?:{_STARS})(?:\s?(?:{_OF_FIVE}))?|(?:{_OF_FIVE})(?:\s?(?:{_STARS}))?)",
        re.I,
    ),
    60,
)


def without_skin(text: str) -> str:
    """Signs without the colour of a skin and without the mark that asks for a picture."""
    return text if text.isascii() else _SKIN.sub("", text)


def truth(folded: str) -> str:
    """true, false, or nothing where the word is neither."""
    return "true" if folded in TRUE else "false" if folded in FALSE else ""


def feeling(folded: str) -> str:
    """negative, neutral, positive, or nothing."""
    bare = without_skin(folded)
    return next((name for name, known in FEELINGS.items() if bare in known), "")


def stars(label: str) -> tuple[float, bool]:
    """How many stars (0.5 to 5, 0 for none) and whether it says that they are stars."""
    bare = label.strip().casefold()
    if drawn := re.fullmatch(r"([★⭐🌟*]\ufe0f?){1,5}[☆✩ ]*", bare):
        return min(5, sum(char in "★⭐🌟*" for char in drawn[0])), True
    if named := _NAMED_STARS.fullmatch(bare):
        return _NUMERALS.get(named[1]) or float(named[1].replace(",", ".")), True
    if (ten := _OF_TEN.fullmatch(bare)) and (value := float(ten[1].replace(",", "."))) <= 10:
        return max(0.5, value / 2), True
    if points := _POINTS.fullmatch(bare):
        return float(points[1]), True
    if explained := _EXPLAINED.fullmatch(bare):
        return float(explained[1]), False
    if plain := _PLAIN_STARS.fullmatch(bare):
        return float(plain[1].replace(",", ".")), False
    if (percent := _PERCENT.fullmatch(bare)) and int(percent[1]) <= 100:
        return max(0.5, int(percent[1]) / 20), False
    return 0, False
