"""Questions with their answers below them in plain text: Q: and A:, headings that ask, or lines that end in a question mark."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from projects import encodings
from projects.bounded import Short
from projects.formats import Format, Reading, Row
from projects.formats._chatlines import head_lines
from projects.source import Source

LOOK = 65_536  # bytes of the head
LINES = 400
LONGEST = 400  # characters of a question
FEWEST = 3  # questions
_ASKED = (
    "q|question|questions|customer question|faq|f|frage|kundenfrage|question du client|pregunta|p|domanda|d|pergunta|vraag|v|fråga|spørgsmål|spørsmål|kysymys|"
    "pytanie|otázka|dotaz|вопрос|в|питання|soru|s|سؤال|س|问|問|问题|問題|質問|질문|문"
)
_SAID = (
    "a|answer|answers|our answer|antwort|réponse|reponse|r|respuesta|risposta|resposta|antwoord|svar|vastaus|odpowiedź|odpověď|odpoveď|"
    "ответ|о|відповідь|cevap|yanıt|c|جواب|ج|答|答案|回答|回复|回覆|답변|답"
)
_NUMBER = r"(?:\d{1,4}[.)、．:：]?\s{0,3})?"
_BEFORE = rf"[ \t>*#_-]{{0,12}}{_NUMBER}[*_]{{0,3}}"
_AFTER = r"\s{0,3}\d{0,4}\s?[*_]{0,3}\s?(?:[:：]|[.)](?=\s))[*_]{0,3}\s{0,3}"
_MARKED_Q = Short(re.compile(rf"{_BEFORE}(?:{_ASKED}){_AFTER}", re.I), 80)
_MARKED_A = Short(re.compile(rf"{_BEFORE}(?:{_SAID}){_AFTER}", re.I), 80)
_HEADING = Short(re.compile(r"(#{1,6})\s{1,4}(\S.{0,400})"), 420)
_BOLD = Short(re.compile(r"(?:\*\*|__)(\S.{0,400}?)(?:\*\*|__)[:：]?"), 420)
_NUMBERED = Short(re.compile(r"[ \t]{0,8}(?:\d{1,4}[.)、．]\s{0,3}|[-*•]\s{1,3})(?=\S)"), 30)
_NUMBER_FIRST = Short(re.compile(r"[ \t]{0,8}\d{1,4}[.)、．]\s{0,3}(?=\S)"), 30)
_ENDS = ("?", "？", "؟", "?”", '?"', "?»")


@dataclass
class Entry:
    """A question with the lines below it."""

    line: int
    question: str
    answer: list[str] = field(default_factory=list)
    section: str = ""


def sniff(head: bytes, name: str) -> float:
    """Several questions one below the other, each with an answer."""
    return 0.6 if way(head_lines(head[:LOOK], LINES)) else 0.0


def way(lines: list[str]) -> str:
    """How questions are marked: "marks", the signs of their headings ("##"), "bold", "numbered" or
    "asking"; "" where this is no list of questions."""
    full = [line for line in lines if line.strip()]
    if len(full) < 2 * FEWEST:
        return ""
    kinds = [_mark(line) for line in full]
    marked = [kind for kind in kinds if kind]
    pairs = sum(one == "q" and other == "a" for one, other in itertools.pairwise(marked))
    if pairs >= FEWEST and 2 * pairs >= 0.8 * len(marked) and "q" in kinds[:6]:
        return "marks"
    for mark in ("headings", "bold", "asking"):
        asked = [place for place, line in enumerate(full) if _question(line, mark)]
        answered = sum(after - place > 1 for place, after in itertools.pairwise([*asked, len(full)]))
        if len(asked) < FEWEST or answered < 0.8 * len(asked) or len(asked) < 0.1 * len(full):
            continue
        if mark == "headings":
            levels = Counter(line.strip().split()[0] for line in full if _question(line, mark))
            return levels.most_common(1)[0][0]
        if mark == "bold":
            return mark
        if asked[0] <= 5 and _apart(lines) and not _table(full):
            numbered = [place for place, line in enumerate(full) if _NUMBER_FIRST.begins(line)]
            said = len(set(numbered) & set(asked))
            return "numbered" if said >= 0.6 * len(asked) and len(numbered) <= 1.7 * len(asked) else mark
    return ""


def _mark(line: str) -> str:
    return "q" if _MARKED_Q.begins(line) else "a" if _MARKED_A.begins(line) else ""


def _apart(lines: list[str]) -> bool:
    """Whether blank lines or numbers tell the questions apart."""
    asked = [place for place, line in enumerate(lines) if _question(line, "asking")]
    before = sum(place == 0 or not lines[place - 1].strip() or bool(_NUMBERED.begins(lines[place])) for place in asked)
    return before >= 0.7 * len(asked)


def _table(full: list[str]) -> bool:
    """Whether the lines hold as many of a separator each: then they are a table."""
    for sign in ("\t", ";", "|", '","', ","):
        counts = [line.count(sign) for line in full[:100]]
        if min(counts) >= 1 and max(counts) - min(counts) <= 1:
            return True
    return False


def _question(line: str, way: str) -> str:
    """The question that a line is; "" where it is none."""
    bare = line.strip()
    if len(bare) > LONGEST:
        return ""
    if way == "headings":
        found = _HEADING.fullmatch(bare)
        bare = found[2] if found else ""
    elif way == "bold":
        bold = _BOLD.fullmatch(_unnumbered(bare))
        bare = bold[1] if bold else ""
    asked = _clean(_unnumbered(bare) if way != "bold" else bare)
    return asked if asked.endswith(_ENDS) and len(asked) >= 4 else ""


def _unnumbered(text: str) -> str:
    found = _NUMBERED.begins(text)
    return text[found.end() :] if found else text


def _clean(text: str) -> str:
    return text.strip().strip("#*_ \t").strip()


def inspect(source: Source, reading: Reading) -> None:
    reading.delimiter = ""
    encodings.settle(source, reading)
    reading.shape = way(source.head[:LOOK].decode(reading.encoding, "replace").splitlines()[:LINES]) or "marks"
    reading.note("questions_below")


def rows(source: Source, reading: Reading) -> Iterator[Row]:
    with source.open() as stream:
        read = encodings.lines(stream, reading.encoding, source.limits.line)
        lines = ((number, raw.strip("\ufeff\r\n")) for number, raw in enumerate(read, 1))
        outside = yield from entries(lines, reading.shape, source.limits.cell)
    if outside:
        reading.note("lines_outside", count=outside)


def entries(lines: Iterable[tuple[int, str]], way: str, longest: int) -> Generator[Row, None, int]:
    """A row for each question of numbered lines; returns how many lines belong to none."""
    entry: Entry | None = None
    section, outside = "", 0
    for number, line in lines:
        asked = _opens(line, way)
        heading = _section(line, way) if asked is None else None
        if asked is not None or heading is not None:
            if entry is not None:
                yield _row(entry)
            entry = Entry(number, asked, section=section) if asked is not None else None
            section = section if heading is None else heading
        elif entry is None:
            outside += bool(line.strip())
        elif sum(map(len, entry.answer)) < longest:
            entry.answer.append(_below(line, entry, way))
    if entry is not None:
        yield _row(entry)
    return outside


def _opens(line: str, way: str) -> str | None:
    """The question that a line begins; None for any other line."""
    if way == "marks":
        found = _MARKED_Q.begins(line)
        return _clean(line[found.end() :]) if found else None
    bare = line.strip()
    if way.startswith("#"):
        found = _HEADING.fullmatch(bare)
        return _clean(found[2]) if found and found[1] == way else None
    if way == "bold":
        found = _BOLD.fullmatch(_unnumbered(bare))
        return _clean(found[1]) if found else None
    if way == "numbered" and (found := _NUMBER_FIRST.begins(line)):
        return _clean(line[found.end() :])
    return _question(line, "asking") or None if way == "asking" else None


def _section(line: str, way: str) -> str | None:
    """The title of a part of the list, which is no answer; smaller headings are parts of one."""
    found = _HEADING.fullmatch(line.strip())
    if found and way.startswith("#") and len(found[1]) > len(way):
        return None
    return _clean(found[2]) if found and not (way == "marks" and _mark(line)) else None


def _below(line: str, entry: Entry, way: str) -> str:
    if way == "marks" and (found := _MARKED_A.begins(line)):
        return line[found.end() :].strip(" *_\t")
    if way == "marks" and not any(entry.answer) and line.strip():
        entry.question = f"{entry.question}\n{line.strip()}".strip()  # a question of several lines
        return ""
    return line.rstrip()


def _row(entry: Entry) -> Row:
    answer = re.sub(r"\n{3,}", "\n\n", "\n".join(entry.answer)).strip()
    damaged = encodings.bad(entry.question) or encodings.bad(answer)
    said = {"question": entry.question, "answer": answer or None, "section": entry.section or None}
    if damaged:
        said = {name: encodings.repaired(text) if text else text for name, text in said.items()}
    return Row(entry.line, said, "bad_bytes" if damaged else "")


FORMAT = Format("faq", _("Questions with answers below them"), ("txt", "md"), sniff, inspect, rows, keyed=True)
