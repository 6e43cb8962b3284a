"""What a file format is, and what is found out about a file. Each module of this folder is one format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from django.utils.functional import Promise

from projects.discover import objects

if TYPE_CHECKING:
    from projects.source import Source

Cells = list[str | None] | dict[str, str | None]


class Refusal(Exception):
    """A file that is not read. Carries a code and facts, no words, so that it can cross to the parent process;
    `projects.refusals.explain` turns it into a UserError in the reader's language."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code, facts)
        self.code, self.facts = code, facts


@dataclass(frozen=True)
class Limits:
    """How far a hostile file may go."""

    rows: int = 5_000_000
    columns: int = 2_000
    cell: int = 200_000
    line: int = 16_000_000
    unpacked: int = 4_000_000_000
    ratio: int = 200
    ratio_from: int = 10_000_000
    members: int = 200
    memory: int = 1_500_000_000
    seconds: int = 3_600


class Row(NamedTuple):
    """One record as it stands in the file: its line (or row number), its cells, and what is wrong with it.

    Cells are a list in a grid (CSV, Excel), a dict by key in records (JSON, Parquet)."""

    line: int
    cells: Cells
    problem: str = ""


@dataclass
class Column:
    """A column: its unique name, its header in the file, and what stands in it."""

    name: str
    header: str = ""
    kind: str = "text"  # text | number | date | empty
    examples: list[str] = field(default_factory=list)
    decimal: str = ""  # "," where 2,55 means 2.55
    date_order: str = ""  # dmy | mdy | ymd
    missing: list[str] = field(default_factory=list)  # words such as N/A that stand for nothing
    odd: int = 0  # sampled cells that do not fit the kind


@dataclass
class Sheet:
    """A sheet of a workbook or a file of an archive."""

    name: str
    rows: int | None = None
    columns: int | None = None
    hidden: bool = False


@dataclass
class Finding:
    """Something a person should know: a code with facts; `projects.refusals.sentence` says it in words."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Reading:
    """Everything found out about a file, all of it shown and most of it correctable."""

    format: str = ""
    packed: str = ""  # gzip | zip
    encoding: str = ""
    delimiter: str = ""  # "" where a line is one cell
    quote: str = '"'
    escape: str = ""
    skip_spaces: bool = False
    rest_is_text: bool = False
    member: str = ""
    members: list[Sheet] = field(default_factory=list)
    sheet: str = ""
    sheets: list[Sheet] = field(default_factory=list)
    header_row: int = 1  # 1 is the first row of the file; 0 means there is no header
    columns: list[Column] = field(default_factory=list)
    rows: int | None = None  # known for short files, else None until the rows are loaded
    sample: list[list[str | None]] = field(default_factory=list)
    above: list[list[str | None]] = field(default_factory=list)  # the first rows as they stand, to pick the header from
    language: str = ""
    chat_key: str = ""
    text_keys: list[str] = field(default_factory=list)  # JSON keys that hold text nearly always
    path: str = ""  # where the records lie inside a JSON document
    notes: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)  # overrides worth a button, such as rest_is_text

    def note(self, code: str, **facts: Any) -> None:
        if not any(found.code == code and found.facts == facts for found in self.notes):
            self.notes.append(Finding(code, facts))

    def warn(self, code: str, **facts: Any) -> None:
        if not any(found.code == code and found.facts == facts for found in self.warnings):
            self.warnings.append(Finding(code, facts))

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Reading:
        values = {name: value for name, value in data.items() if name in cls.__dataclass_fields__}
        for name, kind in (("columns", Column), ("sheets", Sheet), ("members", Sheet)):
            values[name] = [kind(**item) for item in values.get(name, [])]
        for name in ("notes", "warnings"):
            values[name] = [Finding(**item) for item in values.get(name, [])]
        return cls(**values)


@dataclass(frozen=True)
class Format:
    """How one file format is recognised and read. A container (ZIP, gzip) has `members` instead of `rows`."""

    slug: str
    title: str | Promise
    extensions: tuple[str, ...]
    sniff: Callable[[bytes, str], float]  # head, name → how sure, 0 to 1; the name only breaks ties
    inspect: Callable[[Source, Reading], None] | None = None  # fills in what it finds and was not set by the person
    rows: Callable[[Source, Reading], Iterator[Row]] | None = None
    members: Callable[[Source], list[Sheet]] | None = None
    keyed: bool = False  # rows are dicts, so there is no header row to look for


def formats() -> list[Format]:
    return cast(list[Format], objects(__name__, "FORMAT"))


def pick(head: bytes, name: str) -> Format | None:
    """The format that recognises the content best."""
    scores = [(one.sniff(head, name), one.slug, one) for one in formats()]
    score, _, best = max(scores, key=lambda item: item[:2])
    return best if score > 0 else None
