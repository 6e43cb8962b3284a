"""Every string that a person reads, collected from Python and templates; `python -m tests.messages` adds new ones.

It needs no gettext on the machine: Babel reads the Python, Django itself turns templates into something Babel reads.
"""

from __future__ import annotations

import ast
import io
import re
from functools import cache
from pathlib import Path

import polib
from babel.messages.extract import extract

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("studio", "projects", "training", "endpoints")
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def sources() -> list[Path]:
    python = [path for name in PACKAGES for path in (ROOT / name).rglob("*.py") if "migrations" not in path.parts]
    return sorted(python + [path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt"}])


def readable(path: Path) -> bytes:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return text.encode()
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()
    from django.utils.translation.template import templatize

    # The indents of HTML mean nothing, and as Python they can be wrong.
    return "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).split("\n")).encode()


def inside_strings(path: Path) -> list[tuple[int, object, list[str], str | None]]:
    """Messages that are asked for within an f-string, where Babel does not look."""
    if path.suffix != ".py":
        return []
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    calls = [call for node in nodes if isinstance(node, ast.JoinedStr) for call in ast.walk(node)]
    messages: list[tuple[int, object, list[str], str | None]] = []
    for call in calls:
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id not in KEYWORDS:
            continue
        texts = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        assert "p" not in call.func.id[:2], f"{path}:{call.lineno}: take the message with a context out of the f-string"
        messages.append((call.lineno, tuple(texts), [], None))
    return messages


@cache
def collected() -> dict[tuple[str, str], tuple[str, list[str]]]:
    """(context, singular) → (plural, the places)."""
    found: dict[tuple[str, str], tuple[str, list[str]]] = {}
    for path in sources():
        outside = list(extract("python", io.BytesIO(readable(path)), KEYWORDS))
        for line, message, _comments, context in [*outside, *inside_strings(path)]:
            parts = message if isinstance(message, tuple) else (message,)
            parts = [part for part in parts if part]
            if not parts:
                continue
            plural = parts[1] if len(parts) > 1 else ""
            key = (context or "", parts[0])
            place = f"{path.relative_to(ROOT)}:{line}"
            found.setdefault(key, (plural, []))[1].append(place)
    return found


def catalogues() -> list[Path]:
    return sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po"))


def names(text: str) -> set[str]:
    """The %(names)s and {names} that a translation must keep."""
    return set(re.findall(r"%\((\w+)\)|(?<!\{)\{(\w+)\}(?!\})", text)) if text else set()


def update(path: Path) -> int:
    catalogue = polib.pofile(str(path), wrapwidth=118)
    known = {(entry.msgctxt or "", entry.msgid): entry for entry in catalogue}
    messages = collected()
    added = 0
    for (context, message), (plural, places) in messages.items():
        entry = known.get((context, message))
        if entry is None:
            entry = polib.POEntry(msgid=message, msgctxt=context or None)
            catalogue.append(entry)
            added += 1
        if plural:
            entry.msgid_plural = plural
            entry.msgstr_plural = entry.msgstr_plural or {0: entry.msgstr or ""}
            entry.msgstr = ""
        entry.occurrences = [(place.rsplit(":", 1)[0], "") for place in dict.fromkeys(places)]
        flags = [flag for flag in entry.flags if flag != "python-format"]
        entry.flags = [*flags, "python-format"] if "%(" in message + plural else flags
    for key, entry in known.items():
        if key not in messages:
            catalogue.remove(entry)
    catalogue.sort(key=lambda entry: (entry.occurrences[0] if entry.occurrences else ("", ""), entry.msgid))
    catalogue.save()
    return added


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
    for file in catalogues():
        print(f"{file.relative_to(ROOT)}: {update(file)} new")
