"""Signs that databases write as two into a dump of text (\\n, \\t, \\\\, and \\N for nothing): found, and read as what they mean."""

from __future__ import annotations

import re
from collections.abc import Sequence

from projects.formats import Batch

# What PostgreSQL and MySQL write behind a backslash, and what it means. NOTHING counts as a cell of its own.
NOTHING = "N"
MEANT = {"n": "\n", "r": "\r", "t": "\t", "b": "", "f": "\n", "v": "\n", "Z": "", "0": "", "\\": "\\", NOTHING: ""}
# Signs that no text may hold stand for them while lines are cut into cells.
_STAND_INS = {letter: chr(0xFDD0 + place) for place, letter in enumerate(MEANT)}
_WRITTEN = re.compile(r"\\([nrtbfvZ0N\\])")
_STANDING = re.compile(f"[{''.join(_STAND_INS.values())}]")
_BACK = {ord(sign): MEANT[letter] for letter, sign in _STAND_INS.items()} | {ord(_STAND_INS[NOTHING]): "\\N"}
_PAIR = re.compile(r"\\(.|\n|\r)")
_NULL = re.compile(r"(?:^|(?<=[,;\t|]))\\N(?=[,;\t|\r\n]|$)", re.M)
_KNOWN = frozenset([*MEANT, '"', "'", "\t", "\n", "\r"])
# Where a backslash is a sign of the text: paths of Windows, and formulas.
_PATH = re.compile(r"(?<![A-Za-z0-9])[C-HZc-d]:\\(?!\\)\w|\\\\\w[\w.-]{0,60}\\(?!\\)\w")
_FORMULA = re.compile(
    r"\\(?:nu|nabla|neq|notin|newline|newpage|noindent|nonumber|normalsize|times|theta|tau|text|textbf|textit|texttt|tan|tilde|"
    r"triangle|right|rightarrow|rho|rangle|ref|beta|begin|bf|binom|bmatrix|boldsymbol|frac|forall|flat|vec|varepsilon|vee|vdots)(?![A-Za-z])"
)
FEWEST = 3  # line ends written as two signs


def has_nothing(text: str) -> bool:
    """Whether cells that are \\N, which only databases write, stand in a text whose backslashes all fit that."""
    return bool(_NULL.search(text)) and _all_known(text, also=",;|")


def has_ends(text: str) -> bool:
    """Whether line ends are written as two signs, and no backslash is anything else."""
    if text.count("\\n") < FEWEST or not _all_known(text) or _PATH.search(text):
        return False
    pairs = [pair[1] for pair in _PAIR.finditer(text) if pair[1] not in "\\\"'"]
    return pairs.count("n") >= 0.5 * len(pairs) and len(_FORMULA.findall(text)) <= 0.05 * len(pairs)


def ordinary(text: str) -> bool:
    """Whether a backslash in a cell is a sign of its own: a path, a formula, a pattern."""
    return bool(_PATH.search(text) or _FORMULA.search(text)) or not _all_known(text)


def _all_known(text: str, also: str = "") -> bool:
    """Whether every backslash stands before what a database writes there. ALSO: separators, which it marks as well."""
    return all(pair[1] in _KNOWN or pair[1] in also for pair in _PAIR.finditer(text))


def held(lines: Sequence[str]) -> list[str]:
    """The lines with one sign for each two; what else a backslash stands before is left to who cuts them."""
    return [_WRITTEN.sub(_stand_in, line) if "\\" in line else line for line in lines]


def _stand_in(found: re.Match[str]) -> str:
    return _STAND_INS[found[1]]


def released(batch: Batch) -> Batch:
    """The cells with what was meant. It is done once they are cut: a line end that was written as two ends no row."""
    nothing = _STAND_INS[NOTHING]
    for cells in batch.cells:
        if not _STANDING.search("".join(cells)):
            continue
        for place, cell in enumerate(cells):
            if cell == nothing:
                cells[place] = ""
            elif not cell.isascii() and _STANDING.search(cell):
                cells[place] = cell.translate(_BACK)
    return batch
