"""Chinese as a business says it: one way to address the reader, one word for one thing, one way to set signs."""

from __future__ import annotations

import re

import polib
import pytest

from tests.messages import ROOT

HAN = r"[\u4e00-\u9fff]"
FULL = "，。：；！？“”（）、《》"
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
# What is filled in or marked up stands for itself.
OPAQUE = re.compile(r"%\(\w+\)[sd]|\{\w+\}|<[^>]+>")
# English → the one Chinese word, where the English has it as a word of its own.
GLOSSARY = {
    r"\bstudio\b": ("工作台", r"工作室|系统"),
    r"\bnot sure\b": ("没有把握|不能确定", r"没把握"),
    r"\bcorrections?\b": ("更正", r"纠正|修正"),
    r"\bwidget\b": ("小组件", r"插件|挂件"),
    r"\bclassifier\b": ("分类器", r"分类机"),
    r"\bbase models?\b": ("基础模型", r"基座"),
    r"\bAPI keys?\b": ("API 密钥|密钥", r"按键|钥匙"),
}


@pytest.fixture(scope="module")
def sentences():
    """(context, English, Chinese) of every entry."""
    return [
        (entry.msgctxt or "", entry.msgid, text)
        for entry in polib.pofile(str(CATALOGUE))
        for text in (entry.msgstr, *entry.msgstr_plural.values())
        if text
    ]


def wrong(sentences, pattern):
    return [text for _context, _english, text in sentences if re.search(pattern, OPAQUE.sub("\x00", text))]


def test_the_reader_is_addressed_in_one_way(sentences):
    assert not wrong(sentences, "你")


def test_signs_are_full_width_beside_chinese(sentences):
    assert not wrong(sentences, rf"{HAN}[,;:?!()]|[,;?!]{HAN}|\({HAN}")


def test_no_blank_stands_beside_a_full_width_sign(sentences):
    assert not wrong(sentences, rf"[{FULL}] (?! )| [{FULL}]")


def test_a_blank_stands_between_chinese_and_latin(sentences):
    assert not wrong(sentences, rf"{HAN}[A-Za-z0-9]|[A-Za-z0-9]{HAN}")


def test_a_percent_sign_follows_its_number(sentences):
    assert not [text for _context, _english, text in sentences if re.search(r"(\)s|\d) %(%|$|[^(%])", text)]


def test_one_thing_has_one_word(sentences):
    faults = []
    for english, (right, other) in GLOSSARY.items():
        for _context, message, text in sentences:
            if re.search(english, message, re.I) and re.search(other, text):
                faults.append(f"{message} → {text}: {right}")
    assert not faults, "\n".join(faults)


def test_a_key_of_the_api_is_no_key_of_the_keyboard(sentences):
    for context, english, text in sentences:
        if "密钥" in text:
            assert re.search(r"\bkeys?\b", english, re.I), f"{english} → {text}"
        if context == "keyboard":
            assert "密钥" not in text


def test_steps_of_a_training_are_no_steps_of_a_way(sentences):
    said = {(context, english): text for context, english, text in sentences}
    assert said[("", "Steps")] == "步骤"
    assert said[("training", "Steps")] == "训练步数"
    assert all(
        "步骤" not in text for _context, english, text in sentences if re.search("step.*(loss|checkpoint)", english)
    )


def test_nothing_is_left_in_english(sentences):
    left = []
    for _context, english, text in sentences:
        plain = OPAQUE.sub("", text)
        if text == english and re.search(r"[a-z]{4}", plain) and len(plain.split()) > 2:
            left.append(text)
    assert not left


def test_no_code_of_a_language_is_shown():
    from django.utils import translation

    from projects import language, quality

    with translation.override("zh-hans"):
        assert quality.warning_sentence("many_languages", {"languages": "zh, en, other"}) == (
            "文字包含多种语言：简体中文、英语、其他语言。"
        )
        assert language.name_of("xx") == "其他语言"


def test_half_as_many_mistakes_are_promised_of_no_threshold_that_is_nothing():
    from endpoints import families
    from endpoints.views.publish import curve_of
    from training.sureness import Certainty

    assert not curve_of(Certainty(0.004), families.of("chat").sureness)["recommended"]
    assert curve_of(Certainty(0.35), families.of("chat").sureness)["recommended"] == 0.35
