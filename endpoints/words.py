"""The words of the chat window. JavaScript holds none: the page and the widget get these in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _


def chat_words() -> dict[str, str]:
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
        "waiting": _("The connection is gone. It comes back by itself; nothing is lost."),
        "refused": _("This chat is not open here."),
        "note": _("Answers come from an AI and can be wrong."),
    }
