"""Every pattern of our scripts is linear too: found by reading them, and held against hostile texts in a browser's engine."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable  # its node runs patterns as Chromium does

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = [*sorted((ROOT / "static" / "js").glob("*.js")), *sorted((ROOT / "static" / "widget").glob("*.js"))]
SLOWEST_MS = 50
PIECES = (
    "a.", "a", "1", " ", "@", "(", "[", "<", "a@", "1.", "-", "/", ":", ",", "\n", "\t", "中", "“", '"', "'", "\\", "#", "*", "_",
    "=", "&", "a b", "0", "A", ";", "|", "，", "。", "é", "\u2028",
)  # fmt: skip
# After one of these a slash begins a pattern; after a name, a number or a closing bracket it divides.
BEFORE = set("(,=:[!&|?{};+-*%<>~^\n") | {""}
WORDS = ("return", "typeof", "case", "in", "of", "=>")
# Seconds of the processor, not of the clock: other programs run beside it. The longest text is tried with what was worst.
MEASURE = """
const { source, flags, pieces, ends, most } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const pattern = new RegExp(source, flags), all = new RegExp(source, flags.replace(/[gy]/g, "") + "g");
const ways = [(text) => pattern.test(text), (text) => text.replace(all, "").length];
const used = (way, text) => {
  pattern.lastIndex = 0;
  const before = process.cpuUsage();
  way(text);
  return process.cpuUsage(before).user / 1000;
};
const worst = (piece, size) => {
  let most_ms = 0;
  for (const end of ends) {
    const text = piece.repeat(Math.ceil(size / piece.length)).slice(0, size - end.length) + end;
    for (const way of ways) {
      let best = used(way, text);
      for (let turn = 0; turn < 4 && best > most; turn += 1) best = Math.min(best, used(way, text));
      most_ms = Math.max(most_ms, best);
      if (best > most) return best;
    }
  }
  return most_ms;
};
const tried = (these, size) => {
  const found = [];
  for (const piece of these) {
    found.push([worst(piece, size), piece, size]);
    if (found.at(-1)[0] > most) break;
  }
  return found.sort((a, b) => b[0] - a[0]);
};
const short = tried(pieces, 4000);
const long = short[0][0] > most ? short : tried(short.slice(0, 8).map(([, piece]) => piece), 100000);
console.log(JSON.stringify(long[0]));
"""


@dataclass(frozen=True)
class Pattern:
    where: str
    source: str
    flags: str


def patterns(script: str) -> list[tuple[int, str, str]]:
    """Line, source and flags of the pattern literals of a script: strings, templates and comments are passed over."""
    found, place, last = [], 0, ""
    while place < len(script):
        sign = script[place]
        if script.startswith(("//", "/*"), place):
            end = script.find("\n" if script[place + 1] == "/" else "*/", place)
            place = len(script) if end < 0 else end + (0 if script[place + 1] == "/" else 2)
        elif sign in "\"'`":
            place, last = _after_string(script, place), '"'
        elif sign == "/" and (last in BEFORE or script[:place].rstrip().endswith(WORDS)):
            end = _after_pattern(script, place)
            flags = re.match(r"[a-z]*", script[end:])[0]
            found.append((script.count("\n", 0, place) + 1, script[place + 1 : end - 1], flags))
            place, last = end + len(flags), ")"
        else:
            last = last if sign.isspace() else sign
            place += 1
    return found


def _after_string(script: str, place: int) -> int:
    quote, place = script[place], place + 1
    while script[place] != quote:
        if quote == "`" and script.startswith("${", place):  # patterns within are not looked for; none may stand there
            depth = 1
            place += 2
            while depth:
                depth += {"{": 1, "}": -1}.get(script[place], 0)
                place += 1
        else:
            place += 2 if script[place] == "\\" else 1
    return place + 1


def _after_pattern(script: str, place: int) -> int:
    place, in_class = place + 1, False
    while in_class or script[place] != "/":
        in_class = {"[": True, "]": False}.get(script[place], in_class)
        place += 2 if script[place] == "\\" else 1
    return place + 1


FOUND = [
    Pattern(f"{script.name}:{line}", source, flags)
    for script in SCRIPTS
    for line, source, flags in patterns(script.read_text(encoding="utf-8"))
]


def hostile(pattern: Pattern) -> list[str]:
    """What is sent again and again: pieces, and the pattern's own words and signs."""
    own = re.findall(r"[a-z]{3,}|\\?[^\w\s\\]", pattern.source)
    own = list(dict.fromkeys(one.removeprefix("\\") for one in own))[:14]
    near = ["[a](https://b", "https://a.", "**a", "*a", "a@a.", "- \u2028", "1rem", "%(a", "....!"]
    pieces = [
        *PIECES,
        *near,
        *own,
        *(f"{one}a" for one in own),
        *(f"{a}{b}" for a in own[:8] for b in own[:8] if a != b),
    ]
    return list(dict.fromkeys(pieces))


@pytest.mark.parametrize("pattern", FOUND, ids=lambda one: one.where)
def test_it_answers_a_hostile_text_at_once(pattern: Pattern) -> None:
    ms, piece, size = measured(compute_driver_executable()[0], pattern)
    assert ms < SLOWEST_MS, f"/{pattern.source}/{pattern.flags} takes {ms:.0f} ms for {size} of {piece!r}"


def measured(node: str, pattern: Pattern) -> tuple[float, str, int]:
    asked = {"source": pattern.source, "flags": pattern.flags, "pieces": hostile(pattern), "ends": ["", "!", "\u2028"]}
    command = [node, "--single-threaded", "-e", MEASURE]
    done = subprocess.run(
        command,
        input=json.dumps({**asked, "most": SLOWEST_MS}),
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
    )
    ms, piece, size = json.loads(done.stdout)
    return ms, piece, size


def test_no_pattern_is_put_together_while_it_runs() -> None:
    made = [script.name for script in SCRIPTS if re.search(r"\bRegExp\(", script.read_text(encoding="utf-8"))]
    assert made == []


def test_it_finds_them() -> None:
    assert {"chat-text.js", "chat-dom.js", "widget.js"} <= {one.where.split(":")[0] for one in FOUND}
    assert patterns("a / b / c; x = /[/]\\//gi.test('/n/') // /no/\n`${a}/`; return /y/") == [
        (1, "[/]\\/", "gi"),
        (2, "y", ""),
    ]
