"""The words of the chat window, and the language for them. JavaScript holds none: page and widget get them from here."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _


def chat_words() -> dict[str, object]:
    return {
        "open": _("Open the chat"),
        "close": _("Close the chat"),
        "log": _("Conversation"),
        "you": _("You"),
        "write": _("Write a message"),
        "send": _("Send"),
        "stop": _("Stop the answer"),
        "stopped": _("You stopped this answer."),
        "failed": _("This answer did not come through. Your question is kept. Try it again."),
        "wait": _("The answer is still being written. Send this when it is there, or stop it."),
        "retry": _("Answer again"),
        "copy": _("Copy the answer"),
        "copied": _("Copied"),
        "fresh": _("New conversation"),
        "up": _("Good answer"),
        "down": _("Not a good answer"),
        "correct": _("What should it have said?"),
        "correct_send": _("Send"),
        "thanks": _("Thank you. A person will read it."),
        "sources": _("Where this comes from"),
        "decided": _("Underlined words decided. The thicker the line, the more."),
        "weights": [_("decided a little"), _("decided"), _("decided most")],
        "labels": _("All labels"),
        "how_sure": _("How sure it is"),
        "right_label": _("Which label is right?"),
        "waiting": _("The connection is gone. It comes back by itself; nothing is lost."),
        "refused": _("This chat is not open here."),
        "note": _("Answers come from an AI and can be wrong."),
        # Under a recommended thing. The sentences are sent as questions, so they have to be ones that are understood.
        "more": _("More like this"),
        "not_this": _("Not this"),
        "places": _("first second third fourth fifth sixth seventh eighth ninth tenth"),
        "more_like": _("More like the %s"),
        "not_that": _("Not the %s"),
        "recommended": _("You may also like"),
        "earlier": _("Back"),
        "further": _("Further"),
    }


def language_of(question: str, wanted: str = "") -> str:
    """The language to speak of ourselves in: the question's when its script tells, else the page's."""
    if any("\u4e00" <= char <= "\u9fff" for char in question):
        return "zh-hans"
    known = translation.get_supported_language_variant
    for code in (wanted, translation.get_language() or "", "en"):
        try:
            return known(code)
        except (LookupError, ValueError):
            continue
    return "en"


def rough_tokens(text: str) -> int:
    """How many tokens a text is about, where no model counted: four Latin letters or one wide one."""
    wide = sum(1 for char in text if ord(char) > 0x2E7F)
    return wide + (len(text) - wide + 3) // 4 if text else 0
