"""Guesses which column plays which role, from what people call things and from what stands in the cells."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from projects.formats import Column
from projects.refusals import say
from projects.values import missing


class RoleLike(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def synonyms(self) -> tuple[str, ...]: ...
    @property
    def required(self) -> bool: ...


@dataclass
class Guess:
    """A column for a role (None where nothing fits), how sure, and why: a code with facts."""

    column: str | None
    confidence: float = 0.0
    reason: str = "nothing_fits"
    facts: dict[str, Any] = field(default_factory=dict)


REASONS: dict[str, str | Promise] = {
    "called": _("The column is called %(column)s."),
    "called_like": _("The name %(column)s has the word %(word)s in it."),
    "asks": _("Many of its cells are questions."),
    "longest": _("It holds the longest texts."),
    "reads_like": _("Its cells look right for this."),
    "same_ids": _("Its cells are the items of the log."),
    "left_over": _("It is the column that is left."),
    "nothing_fits": _("No column fits. Pick one."),
}
# What these roles are called besides the words that a use case lists itself.
COMMON: dict[str, tuple[str, ...]] = {
    "question": (
        "question", "questions", "query", "instruction", "prompt", "input", "customer message", "customer", "user",
        "ask", "request", "ticket", "inquiry", "message", "utterance", "问题", "提问", "客户问题", "用户问题", "问", "咨询", "用户",
    ),
    "answer": (
        "answer", "answers", "reply", "response", "output", "agent", "agent reply", "assistant", "completion", "solution",
        "resolution", "target", "回答", "答复", "回复", "答案", "答", "客服回复", "客服", "解答", "解决方案",
    ),
    "text": (
        "text", "review", "comment", "feedback", "message", "content", "body", "tweet", "sentence", "opinion",
        "文本", "评论", "评价", "内容", "反馈", "留言",
    ),
    "label": (
        "label", "sentiment", "category", "class", "intent", "topic", "tag", "type", "rating", "target", "polarity",
        "标签", "类别", "分类", "情感", "意图", "评级",
    ),
    "person": ("user", "user id", "customer", "customer id", "client", "member", "person", "用户", "客户", "会员"),
    "item": ("item", "item id", "product", "product id", "stock code", "sku", "movie id", "article", "asin", "商品", "产品"),
    "when": ("timestamp", "date", "time", "when", "invoice date", "created", "时间", "日期"),
}  # fmt: skip


@dataclass
class _Content:
    """What stands in a column, in a few numbers."""

    length: float = 0.0
    asks: float = 0.0  # share of cells that are questions
    distinct: float = 0.0
    filled: float = 0.0


def reason_sentence(one: Guess) -> str | Promise:
    """Why the column was guessed, in words."""
    return say(REASONS.get(one.reason, one.reason), one.facts)


def guess(
    columns: Sequence[Column], sample: Sequence[Sequence[str | None]], roles: Sequence[RoleLike]
) -> dict[str, Guess]:
    """The best column for each role; no column is used twice."""
    contents = [_content([row[place] if place < len(row) else None for row in sample]) for place in range(len(columns))]
    ranked: list[tuple[float, int, int, Guess]] = []
    for (at, role), (place, column) in itertools.product(enumerate(roles), enumerate(columns)):
        one = _one(column, contents[place], role, contents)
        if one.confidence > 0:
            ranked.append((one.confidence, -at, -place, one))
    found = {role.name: Guess(None) for role in roles}
    taken: set[str] = set()
    for _score, at, _place, one in sorted(ranked, key=lambda item: item[:3], reverse=True):
        name = roles[-at].name
        if (
            found[name].column is None
            and one.column not in taken
            and one.confidence >= (0.15 if roles[-at].required or name == "label" else 0.3)
        ):
            found[name] = one
            taken.add(str(one.column))
    _fill(found, columns, contents, roles)
    return found


def _fill(
    found: dict[str, Guess], columns: Sequence[Column], contents: Sequence[_Content], roles: Sequence[RoleLike]
) -> None:
    """With as many columns as required roles there is nothing to choose."""
    open_roles = [role for role in roles if role.required and found[role.name].column is None]
    taken = {one.column for one in found.values()}
    free = [column for column, content in zip(columns, contents, strict=True) if column.name not in taken]
    full = [column for column in free if column.kind != "empty"]
    if len(open_roles) == 1 and len(full) == 1:
        found[open_roles[0].name] = Guess(full[0].name, 0.3, "left_over")


def _one(column: Column, content: _Content, role: RoleLike, contents: Sequence[_Content]) -> Guess:
    if column.kind == "empty":
        return Guess(None)
    called, word = _called(column, role)
    fits, reason = _fits(column, content, role, contents)
    score = min(1.0, 0.75 * called + 0.3 * fits) if called else 0.45 * fits
    if called and not fits and role.name in _FITS:
        score *= 0.5
    if called >= 1:
        return Guess(column.name, round(score, 3), "called", {"column": column.name})
    if called:
        return Guess(column.name, round(score, 3), "called_like", {"column": column.name, "word": word})
    return Guess(column.name, round(score, 3), reason)


def _called(column: Column, role: RoleLike) -> tuple[float, str]:
    """1 where the name is one of the words for the role, less where it only has one in it, 0 where not."""
    name = plain(column.header or column.name)
    words = list(dict.fromkeys([plain(word) for word in (role.name, *role.synonyms, *COMMON.get(role.name, ()))]))
    squeezed = [word.replace(" ", "") for word in words]
    if (bare := name.replace(" ", "")) in squeezed:  # userid is user id
        return 1.0 + 0.1 * (name == role.name or squeezed.index(bare) < 4), name
    tokens = name.split()
    best = (0.0, "")
    for word in words:
        if len(word) >= 3 and f" {word} " in f" {name} ":
            # The last word of a name says what it is: "question type" is a type, "customer question" a question.
            best = max(best, (0.8 if tokens[-1:] == word.split()[-1:] else 0.35, word))
        elif not word.isascii() and word in name:
            best = max(best, (0.8 if name.endswith(word) else 0.4, word))
    return best


def plain(name: str) -> str:
    """Lower case, words apart: CustomerMessage and customer_message are the same name."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(re.sub(r"[\W_]+", " ", apart).casefold().split())


def _content(cells: Sequence[str | None]) -> _Content:
    full = [cell.strip() for cell in cells if cell and not missing(cell)]
    if not full:
        return _Content()
    asks = sum(
        bool(
            re.search(r"[?？]|^(how|what|where|when|why|who|can|could|do|does|is|are)\b|吗|怎么|如何|什么", cell, re.I)
        )
        for cell in full
    )
    return _Content(
        sum(map(len, full)) / len(full), asks / len(full), len(set(full)) / len(full), len(full) / max(1, len(cells))
    )


def _fits(column: Column, content: _Content, role: RoleLike, contents: Sequence[_Content]) -> tuple[float, str]:
    """How well the cells fit the role, 0 to 1, and the reason."""
    judge = _FITS.get(role.name)
    if judge is None or not content.filled:
        return 0.0, "nothing_fits"
    score, reason = judge(column, content, contents)
    return score * (0.5 + 0.5 * content.filled), reason


def _question(column: Column, content: _Content, contents: Sequence[_Content]) -> tuple[float, str]:
    if column.kind != "text" or not 4 <= content.length <= 2_000 or content.distinct < 0.05:
        return 0.0, "nothing_fits"
    return (0.5 + 0.5 * content.asks, "asks") if content.asks > 0.3 else (0.35 * content.distinct, "reads_like")


def _answer(column: Column, content: _Content, contents: Sequence[_Content]) -> tuple[float, str]:
    if column.kind != "text" or content.length < 2:
        return 0.0, "nothing_fits"
    longest = content.length >= max(other.length for other in contents)
    if longest and content.length >= 20:
        return 1.0 - 0.5 * content.asks, "longest"
    return min(content.length, 60) / 60 * content.distinct * (0.8 - 0.5 * content.asks), "reads_like"


def _text(column: Column, content: _Content, contents: Sequence[_Content]) -> tuple[float, str]:
    if column.kind != "text" or content.length < 5:
        return 0.0, "nothing_fits"
    longest = content.length >= max(other.length for other in contents)
    return (1.0, "longest") if longest else (min(content.length, 60) / 60 * content.distinct * 0.7, "reads_like")


def _label(column: Column, content: _Content, contents: Sequence[_Content]) -> tuple[float, str]:
    if column.kind == "date" or content.length > 60:
        return 0.0, "nothing_fits"
    return 0.9 * (1 - content.distinct), "reads_like"


def _when(column: Column, content: _Content, contents: Sequence[_Content]) -> tuple[float, str]:
    if column.kind == "date":
        return 1.0, "reads_like"
    # Seconds or milliseconds since 1970; without a name that says so they could be anything.
    counted = [bool(re.fullmatch(r"1[0-9]\d{8}(?:\d{3})?(?:\.\d+)?", one)) for one in column.examples]
    return (0.6, "reads_like") if counted and all(counted) else (0.0, "nothing_fits")


def _who_or_what(column: Column, content: _Content, contents: Sequence[_Content]) -> tuple[float, str]:
    """Ids: short, without blanks, with digits in them. A column that is called an id is one sooner."""
    codes = [bool(re.fullmatch(r"(?=.*\d)[^\s.,/:]{1,40}", one)) for one in column.examples]
    if column.kind == "date" or not codes:
        return 0.0, "nothing_fits"
    if column.kind == "text" and not all(codes):
        return 0.3, "nothing_fits"  # too little to be guessed by itself, no reason against a name that says so
    return (0.8 if re.search(r"id$|编号$", column.name, re.I) else 0.5) if all(codes) else 0.3, "reads_like"


_Judge = Callable[[Column, _Content, Sequence[_Content]], tuple[float, str]]
_FITS: Mapping[str, _Judge] = {
    "question": _question, "answer": _answer, "text": _text, "label": _label, "when": _when, "person": _who_or_what,
    "item": _who_or_what,
}  # fmt: skip
