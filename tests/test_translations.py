"""Nothing is left in English for a reader of another language."""

from __future__ import annotations

import ast
import re
from html.parser import HTMLParser

import polib
import pytest

from tests.messages import KEYWORDS, ROOT, catalogues, collected, names, sources


@pytest.fixture(scope="module")
def messages():
    return collected()


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.parts[-3])
def test_it_translates_every_string(path, messages):
    entries = {(entry.msgctxt or "", entry.msgid): entry for entry in polib.pofile(str(path))}
    missing = [
        f"{places[0]}: {key[1]}"
        for key, (_plural, places) in messages.items()
        if key not in entries or not entries[key].translated() or "fuzzy" in entries[key].flags
    ]
    assert not missing, f"{len(missing)} untranslated, such as:\n" + "\n".join(missing[:20])


def test_it_imports_translating_functions_under_names_that_are_collected():
    """What is marked by a function of another name would never reach a catalogue."""
    hidden = []
    for path in (path for path in sources() if path.suffix == ".py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
                known = [name for name in node.names if name.name in KEYWORDS and name.asname]
                hidden += [f"{path.relative_to(ROOT)}: {name.asname}" for name in known if name.asname not in KEYWORDS]
    assert not hidden, f"Babel does not know {hidden}"


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.parts[-3])
def test_it_keeps_the_names_in_a_translated_string(path):
    wrong = []
    for entry in polib.pofile(str(path)):
        wanted = names(entry.msgid) | names(entry.msgid_plural)
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            if text and not names(text) <= wanted:
                wrong.append(f"{entry.msgid} → {text}")
            if text and not entry.msgid_plural and names(text) != wanted:
                wrong.append(f"{entry.msgid} → {text}")
    assert not wrong, "\n".join(wrong)


class Texts(HTMLParser):
    """Collects what a person would read: text between tags and the attributes that are spoken or shown."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.skipped = 0

    def handle_starttag(self, tag, attrs):
        self.skipped += tag in {"script", "style", "code", "pre"}
        shown = ("title", "placeholder", "aria-label", "alt")
        self.texts += [value for name, value in attrs if name in shown and value]

    def handle_endtag(self, tag):
        self.skipped -= tag in {"script", "style", "code", "pre"}

    def handle_data(self, data):
        if not self.skipped:
            self.texts.append(data)


def bare_texts(source: str) -> list[str]:
    source = re.sub(r"{%\s*comment.*?endcomment\s*%}|{#.*?#}", "", source, flags=re.S)
    source = re.sub(r"{%\s*blocktrans(late)?\b.*?endblocktrans(late)?\s*%}", "", source, flags=re.S)
    source = re.sub(r"{% block page_class %}.*?{% endblock %}", "", source)  # names of styles
    source = re.sub(r"{%.*?%}|{{.*?}}", "", source, flags=re.S)
    reader = Texts()
    reader.feed(source)
    return [text.strip() for text in reader.texts if re.search(r"[A-Za-z]{3}", text)]


NAMES = re.compile(
    r"^[·\s]*(Atelier|OpenAI|cURL|curl|Python|JavaScript|CSV|JSON|&\w+;|English|www\.your-shop\.example)$"
)


def test_it_marks_every_text_of_a_template():
    left = {}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        texts = [text for text in bare_texts(path.read_text(encoding="utf-8")) if not NAMES.match(text)]
        if texts:
            left[str(path.relative_to(ROOT))] = texts[:3]
    assert not left, f"texts outside of a translate tag: {left}"
