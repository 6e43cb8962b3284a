"""Questions with their answers in a web page: what search engines are told of them, or headings, folds and lists."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import islice

from projects import encodings
from projects.formats import Reading, Row, faq
from projects.source import Source

PIECE = 65_536
LONGEST = 8_000_000  # characters of a page that are looked at
FEWEST = 3  # questions
END = "~"  # the heading that stands for the end of a fold or a list
MOST_LINES = 200_000
DEPTH = 12  # of the objects in which a page tells search engines what it is
QUIET_DEPTH = (
    100  # of parts within parts that nobody reads; no page has so many, but each is looked for at every end of one
)
_QUIET = frozenset(["script", "style", "template", "noscript", "nav", "footer", "form", "svg", "select", "head"])
_BLOCKS = frozenset(["p", "div", "section", "article", "ul", "ol", "dl", "dd", "tr", "td", "blockquote", "br", "main", "aside"])  # fmt: skip
_HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)} | {"dt": "#" * 6, "summary": "#" * 6}
_BOLD = frozenset(["b", "strong", "button"])


class _Lines(HTMLParser):
    """The page as lines of text with the signs of Markdown, and what it tells search engines."""

    def __init__(self, longest: int) -> None:
        super().__init__(convert_charrefs=True)
        self.longest = longest
        self.lines: list[tuple[int, str]] = []
        self.told: list[str] = []
        self.quiet: list[str] = []
        self.sign, self.bold, self.size = "", 0, 0
        self.text: list[tuple[str, bool]] = []
        self.telling = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script" and (dict(attrs).get("type") or "").strip().lower() == "application/ld+json":
            self.telling = True
            self.told.append("")
        if tag == "body":
            self.quiet.clear()  # the end of a head may be left out
        if tag in _QUIET:
            if len(self.quiet) < QUIET_DEPTH:
                self.quiet.append(tag)
        elif tag in _HEADINGS or tag in _BLOCKS or tag == "li":
            self._end()
            self.sign = _HEADINGS.get(tag, "-" if tag == "li" else "")
        elif tag in _BOLD:
            self.bold += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in self.quiet:
            del self.quiet[len(self.quiet) - 1 - self.quiet[::-1].index(tag) :]
            self.telling = False
        elif tag in _HEADINGS or tag in _BLOCKS or tag in ("li", "details"):
            self._end()
            if (
                tag in ("details", "dl") and len(self.lines) < MOST_LINES
            ):  # what comes below is no part of the last answer
                self.lines.append((self.getpos()[0], f"# {END}"))
        elif tag in _BOLD:
            self.bold = max(0, self.bold - 1)

    def handle_data(self, data: str) -> None:
        if self.telling:
            if len(self.told[-1]) < self.longest:
                self.told[-1] += data
        elif not self.quiet and self.size < self.longest:
            self.text.append((data, self.bold > 0))
            self.size += len(data)

    def close(self) -> None:
        super().close()
        self._end()

    def _end(self) -> None:
        text = " ".join("".join(said for said, _bold in self.text).split())
        if text and len(self.lines) < MOST_LINES:
            bold = all(bold for said, bold in self.text if said.strip())
            marked = f"{self.sign} {text}" if self.sign else f"**{text}**" if bold and "*" not in text else text
            self.lines += [(self.getpos()[0], marked), (self.getpos()[0], "")]
        self.text, self.sign, self.size = [], "", 0


def rows(source: Source, reading: Reading) -> Iterator[Row]:
    """A row for each question; nothing where the page is no list of questions."""
    parser = _Lines(source.limits.cell)
    with source.open() as stream:
        pieces = encodings.pieces(stream, reading.encoding, PIECE)
        for text in islice(pieces, LONGEST // PIECE):
            parser.feed(text)
        whole = next(pieces, None) is None
    parser.close()
    found = list(_told(parser.told)) or list(_below(parser.lines, source.limits.cell))
    if len(found) < FEWEST:
        return
    if not whole:
        reading.warn("page_cut", limit=LONGEST)
    yield from found


def _below(lines: list[tuple[int, str]], longest: int) -> Iterator[Row]:
    """The questions that stand above their answers on the page."""
    bare = [line for _number, line in lines]
    asked = [place for place, line in enumerate(bare) if line.rstrip("*").endswith(("?", "？", "؟"))]
    if len(asked) < FEWEST:
        return
    way = faq.way(bare[max(0, asked[0] - 3) : asked[-1] + 20][:4_000])
    if way:
        for row in faq.entries(lines, way, longest):
            if isinstance(row.cells, dict) and row.cells.get("section") == END:
                row.cells["section"] = None
            yield row


def _told(told: list[str]) -> Iterator[Row]:
    """The questions of a page that says in JSON-LD that it is a list of questions."""
    for text in told[:50]:
        try:
            document = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        for item in _questions(document):
            answer = item.get("acceptedAnswer")
            answer = answer[0] if isinstance(answer, list) and answer else answer
            said = answer.get("text") if isinstance(answer, dict) else answer
            asked = item.get("name") or item.get("text")
            if isinstance(asked, str) and isinstance(said, str) and said.strip():
                yield Row(1, {"question": _plain(asked), "answer": _plain(said)})


def _questions(document: object, depth: int = 0) -> Iterator[dict[str, object]]:
    if isinstance(document, dict) and "acceptedAnswer" in document:
        yield document
    elif depth < DEPTH and isinstance(document, dict | list):
        for part in document.values() if isinstance(document, dict) else document:
            yield from _questions(part, depth + 1)


def _plain(text: str) -> str:
    """Text without tags; where one tag ends a line, a line ends."""
    if "<" not in text and "&" not in text:
        return text.strip()
    parser = _Lines(len(text) + 1)
    parser.feed(text)
    parser.close()
    return "\n".join(line for _number, line in parser.lines if line and line != f"# {END}").strip()
