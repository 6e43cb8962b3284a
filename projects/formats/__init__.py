"""What a file format is, and what is found out about a file. Each module of this folder is one format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from django.utils.functional import Promise

from projects.discover import objects

if TYPE_CHECKING:
    from projects.conversations.turns import Turn
    from projects.source import Source

Cells = list[str | None] | dict[str, str | None]


class Refusal(Exception):
    """A file that is not read. Carries a code and facts, no words, so that it can cross to the parent process;
    `projects.refusals.explain` turns it into a UserError in the reader's language."""

    def __init__(self, code: str, **facts: object) -> None:
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
    local: int = 2_000_000_000  # unpacked onto the disk, for formats that are not read as a stream
    stored: int = 60  # bytes of rows on the disk for each byte of the file
    stored_from: int = 1_000_000_000
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
class Batch:
    """Rows of a grid, one after the other: where each begins, its cells, and by its place what is wrong with it."""

    lines: list[int]
    cells: list[list[str]]
    problems: dict[int, str] = field(default_factory=dict)
    longest: int = 0  # no cell has more characters

    def rows(self) -> Iterator[Row]:
        for place, (line, cells) in enumerate(zip(self.lines, self.cells, strict=True)):
            yield Row(line, cast("list[str | None]", cells), self.problems.get(place, ""))

    def add(self, row: Row) -> None:
        if row.problem:
            self.problems[len(self.lines)] = row.problem
        self.lines.append(row.line)
        self.cells.append(cast("list[str]", row.cells))
        self.longest = max(self.longest, *map(len, self.cells[-1]), 0)

    def replace(self, rows: dict[int, list[Row]]) -> None:
        """Puts other rows in the places of some."""
        before = list(self.rows())
        self.lines, self.cells, self.problems = [], [], {}
        for place, row in enumerate(before):
            for one in rows.get(place, [row]):
                self.add(one)


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
    header: int = 0
    """Its lines down to the header."""

    @property
    def body(self) -> int:
        """How many rows it would be read as: those below its header."""
        return max((self.rows or 0) - self.header, 0)


@dataclass
class Region:
    """One of several tables of a sheet. Rows and columns count from 0; BOTTOM and RIGHT are the first beyond it, None
    where it goes to the end."""

    name: str  # its number
    top: int = 0
    bottom: int | None = None
    left: int = 0
    right: int | None = None
    rows: int = 0
    names: list[str] = field(default_factory=list)  # of its columns


@dataclass
class Finding:
    """Something a person should know: a code with facts; `projects.refusals.sentence` says it in words."""

    code: str
    facts: dict[str, object] = field(default_factory=dict)


@dataclass
class Speaker:
    """Somebody who speaks in a conversation, and whether the answers are theirs."""

    name: str
    turns: int = 0
    team: bool = False


@dataclass
class Talk:
    """What was understood of a file that holds conversations: who speaks, who answers, and how it was taken apart."""

    form: str = ""  # such as whatsapp; `projects.refusals.FORMS` has the words
    speakers: list[Speaker] = field(default_factory=list)  # the ones who say most
    others: int = 0  # speakers beyond these
    confidence: float = 1.0  # that the team is the team
    starter_asks: bool = False  # the first to speak asks, and whoever else speaks answers
    conversations: int = 0
    turns: int = 0
    pairs: int = 0
    left_out: dict[str, int] = field(default_factory=dict)  # why → turns
    automatic: list[list[str]] = field(default_factory=list)  # program, line: said in most conversations
    parts: dict[str, str] = field(default_factory=dict)  # of a table: part of the conversation → header of its column
    columns: list[Column] = field(default_factory=list)  # of a table: as they stand in the file
    header_row: int = 0  # of a table: where they are named

    @property
    def team(self) -> list[str]:
        return [speaker.name for speaker in self.speakers if speaker.team]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Talk:
        values = {name: value for name, value in data.items() if name in cls.__dataclass_fields__}
        values["speakers"] = [Speaker(**item) for item in values.get("speakers", [])]
        values["columns"] = [Column(**item) for item in values.get("columns", [])]
        return cls(**values)


@dataclass
class Reading:
    """Everything found out about a file, all of it shown and most of it correctable."""

    format: str = ""
    packed: str = ""  # gzip | zip
    encoding: str = ""
    delimiter: str = ""  # "" where a line is one cell
    quote: str = '"'
    escape: str = ""
    escapes: bool = False  # \\n, \\t and \\N in a cell are read as what databases mean by them
    as_written: bool = False  # a person wants them to stay
    skip_spaces: bool = False
    rest_is_text: bool = False
    repair: bool = False  # text that was spoiled before it came here is mended
    without_hidden: bool = False  # rows that the workbook does not show are left out
    member: str = ""
    members: list[Sheet] = field(default_factory=list)
    sheet: str = ""
    sheets: list[Sheet] = field(default_factory=list)
    together: list[str] = field(default_factory=list)  # further sheets with the same columns
    all_sheets: bool = False  # these are read too
    labelled: list[str] = field(default_factory=list)  # sheets that each hold the texts of the label they are named by
    table: str = ""  # which of the tables of the sheet is read; "0" for all of them as one
    regions: list[Region] = field(default_factory=list)  # these tables, where there are several
    all_tables: bool = False  # those beside it with the same columns are read too
    header_row: int = 1  # 1 is the first row of the table; 0 means there is no header
    under: int = 0  # rows below the header that belong to it
    heads: list[list[str]] = field(default_factory=list)  # the header as it stands, to know it when it comes again
    columns: list[Column] = field(default_factory=list)
    rows: int | None = None  # known for short files, else None until the rows are loaded
    sample: list[list[str | None]] = field(default_factory=list)
    above: list[list[str | None]] = field(default_factory=list)  # the first rows as they stand, to pick the header from
    language: str = ""
    talk: Talk | None = None  # where the file holds conversations
    team: list[str] = field(default_factory=list)  # the speakers that a person named as the team
    as_table: bool = False  # a person wants the table as it is, not the conversations in it
    called: dict[str, dict[str, str]] = field(default_factory=dict)  # column → number → name of a label
    joined: list[str] = field(default_factory=list)  # files of an archive that are read as one table
    text_keys: list[str] = field(default_factory=list)  # JSON keys that hold text nearly always
    path: str = ""  # where the records lie inside a JSON document
    lists: list[Sheet] = field(default_factory=list)  # the lists of records in it, where there are several
    alike: list[list[str]] = field(default_factory=list)  # those of them that have the same fields and are one table
    shape: str = ""  # how they lie: "" one by one, else columns, index, answers, split
    notes: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)  # overrides worth a button, such as rest_is_text

    def note(self, code: str, **facts: object) -> None:
        if not any(found.code == code and found.facts == facts for found in self.notes):
            self.notes.append(Finding(code, facts))

    def warn(self, code: str, **facts: object) -> None:
        if not any(found.code == code and found.facts == facts for found in self.warnings):
            self.warnings.append(Finding(code, facts))

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def parts(self) -> list[str]:
        """The lists of a document that are read as one table."""
        return next((group for group in self.alike if self.path in group), [self.path])

    @property
    def region(self) -> Region | None:
        """The table of the sheet that is read, where there are several."""
        return next((one for one in self.regions if one.name == self.table), None)

    @property
    def beside(self) -> list[Region]:
        """The tables beside it that have the same columns."""
        mine = self.region
        if mine is None or not mine.names:
            return []
        plain = [name.casefold() for name in mine.names]
        others = [one for one in self.regions if one.left != mine.left]
        return [one for one in others if [name.casefold() for name in one.names] == plain]

    @property
    def read_regions(self) -> list[Region]:
        """The tables of the sheet that are read; none where there is only one."""
        mine = self.region
        return [] if mine is None else [mine, *(self.beside if self.all_tables else ())]

    @property
    def top(self) -> int:
        """Rows above the table that is read, which belong to another one."""
        return self.region.top if self.region is not None else 0

    def to_json(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Reading:
        values = {name: value for name, value in data.items() if name in cls.__dataclass_fields__}
        for name, kind in (("columns", Column), ("sheets", Sheet), ("members", Sheet), ("lists", Sheet)):
            values[name] = [kind(**item) for item in values.get(name, [])]
        values["regions"] = [Region(**item) for item in values.get("regions", [])]
        for name in ("notes", "warnings"):
            values[name] = [Finding(**item) for item in values.get(name, [])]
        values["talk"] = Talk.from_json(values["talk"]) if values.get("talk") else None
        return cls(**values)


@dataclass(frozen=True)
class Format:
    """How one file format is recognised and read. A container (ZIP, gzip) has `members` instead of `rows`, a format of
    conversations `turns`."""

    slug: str
    title: str | Promise
    extensions: tuple[str, ...]
    sniff: Callable[[bytes, str], float]  # head, name → how sure, 0 to 1; the name only breaks ties
    inspect: Callable[[Source, Reading], None] | None = None  # fills in what it finds and was not set by the person
    rows: Callable[[Source, Reading], Iterator[Row]] | None = None
    turns: Callable[[Source, Reading], Iterator[Turn]] | None = None
    members: Callable[[Source], list[Sheet]] | None = None
    keyed: bool = False  # rows are dicts, so there is no header row to look for
    batches: Callable[[Source, Reading], Iterator[Batch]] | None = (
        None  # the rows, many at a time, where that is quicker
    )
    tables: Callable[[Source, Reading], Iterator[tuple[str, Iterator[Row]]]] | None = None  # several in one file
    chosen: str = ""  # the field of the reading that says which of the tables is read
    label: Callable[[Source, Reading], list[Row]] | None = None  # reads tables named by labels; some rows of each
    finish: Callable[[Source, Reading], None] | None = None  # says what it can once the columns are known
    leads: bool = False  # where an archive holds such files, they are what it is about
    several: bool = False  # a container of any number of files, of which one or all are read
    any_text: bool = False  # takes text that nothing else knows, so what is only text besides is looked at once more
    magic: tuple[bytes, ...] = ()  # how its files begin; no text does so, and formats of text are not asked then


def formats() -> list[Format]:
    return cast(list[Format], objects(__name__, "FORMAT"))


def pick(head: bytes, name: str, turns: bool = True) -> Format | None:
    """The format that recognises the content best; without TURNS none that holds conversations."""
    asked = [one for one in formats() if turns or one.turns is None]
    # To look for letters in a megabyte of packed bytes takes seconds.
    asked = [one for one in asked if head.startswith(one.magic)] or asked
    scores = [(one.sniff(head, name), one.slug, one) for one in asked]
    score, _, best = max(scores, key=lambda item: item[:2])
    return best if score > 0 else None
