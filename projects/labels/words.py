"""Words for the same label that do not look alike: yes and 1, neg and negative, stars and numbers."""

from __future__ import annotations

import re

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
        "负面", "消极", "差评", "负", "负向", "不满意", "反面", "👎", "😠", "😡", "☹", "😞", "🙁",
    },
    "neutral": {
        "neutral", "neu", "neut", "neutre", "neutro",
        "中性", "中立", "中评", "一般", "中", "😐", "😑",
    },
    "positive": {
        "positive", "pos", "good", "positiv", "positif", "positivo",
        "正面", "积极", "好评", "正", "正向", "满意", "👍", "😊", "😀", "🙂", "😃", "☺",
    },
}  # fmt: skip
_NUMERALS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
_PLAIN_STARS = re.compile(r"([1-5])(?:[.,]0+)?")
_NAMED_STARS = re.compile(
    r"([1-5]|one|two|three|four|five|一|二|两|三|四|五)(?:[.,]0+)?\s*(?:-\s*)?(?:stars?|星级?|颗星|/\s*5|out of 5|of 5)",
    re.I,
)


def truth(folded: str) -> str:
    """true, false, or nothing where the word is neither."""
    return "true" if folded in TRUE else "false" if folded in FALSE else ""


def feeling(folded: str) -> str:
    """negative, neutral, positive, or nothing."""
    bare = folded.replace("\ufe0f", "")
    return next((name for name, known in FEELINGS.items() if bare in known), "")


def stars(label: str) -> tuple[int, bool]:
    """How many stars (1 to 5, 0 for none) and whether it says that they are stars."""
    bare = label.strip().casefold()
    if drawn := re.fullmatch(r"([★⭐🌟*]\ufe0f?){1,5}[☆✩ ]*", bare):
        return min(5, sum(char in "★⭐🌟*" for char in drawn[0])), True
    if named := _NAMED_STARS.fullmatch(bare):
        return _NUMERALS.get(named[1]) or int(named[1]), True
    if plain := _PLAIN_STARS.fullmatch(bare):
        return int(plain[1]), False
    return 0, False
