"""Conversations inside one record: the shapes that chat programs, help desks and training files use for a list of turns."""

from __future__ import annotations

import ast
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeGuard, Unpack

from projects.conversations.speakers import CUSTOMERS, TEAMS, role_of, silent
from projects.conversations.turns import CUSTOMER, TEAM, About, Turn, seconds

WHO = (
    "role",
    "from",
    "speaker",
    "author",
    "sender",
    "who",
    "user",
    "name",
    "author_id",
    "sender_type",
    "createdBy",
    "created_by",
    "sent_by",
    "角色",
    "发送人",
)
PERSON = ("role", "type", "name", "displayName", "display_name", "id", "accountId")
SAID = (
    "content", "value", "text", "message", "utterance", "body", "parts", "plain_body", "body_text", "html_body", "msg",
    "内容", "消息",
)  # fmt: skip
LISTS = ("messages", "conversations", "conversation", "contents", "dialogue", "dialog", "turns", "chat", "data", "对话")
PLAIN_LISTS = (*LISTS, "history")
# Names that help desks put around each ticket, note or message.
WRAPPERS = frozenset(
    ["helpdesk_ticket", "ticket", "issue", "case", "conversation", "thread", "note", "helpdesk_note", "comment", "message", "article"]
)  # fmt: skip
FLAGS = (
    "incoming", "inbound", "is_customer", "from_customer", "from_me", "fromMe", "is_agent", "is_bot",
)  # fmt: skip
_ASKING = FLAGS[:4]  # a yes means the customer
LITERAL = 200_000  # characters of a Python literal that are looked at
DEPTH = 64
DEEPEST = 8  # lists and objects in each other that are asked for text
MOST = 10_000  # turns of one record
_BETWEEN = re.compile(r"\}\s{1,20}\{")  # how numpy prints a list of dicts
_TAG = re.compile(r"<(?:br|/p|/div|/li)\b[^<>]{0,200}>", re.I)
_ANY_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")
Record = Mapping[str, object]


def parsed(cell: str | None) -> object:
    """The list or object that a cell holds as JSON or as a Python literal; None for any other cell."""
    text = (cell or "").strip()
    if text[:1] not in ("[", "{") or text[-1:] not in ("]", "}") or too_deep(text):
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        pass
    if len(text) > LITERAL:
        return None
    for form in (text, _BETWEEN.sub("}, {", text)):
        try:
            return ast.literal_eval(form)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
    return None


def too_deep(text: str) -> bool:
    """Whether brackets nest deeper than any chat record; strings are not looked into, so it errs on the safe side."""
    level = 0
    for sign in re.finditer(r"[\[{(\]})]", text):
        level += 1 if sign[0] in "[{(" else -1
        if level > DEPTH:
            return True
    return False


def words(said: object, depth: int = 0) -> str | None:
    """The text of a turn: a string, a list of parts or an object that holds one. None where no text is in it."""
    if isinstance(said, str):
        return said
    if depth > DEEPEST:
        return None
    if isinstance(said, Mapping):
        if said.get("type") in ("paragraph", "heading") and isinstance(said.get("content"), list):
            # A line of rich text, of which some words are bold or links.
            return "".join(text for part in said["content"][:200] if (text := words(part, depth + 1)))
        if said.get("type") in (
            "image",
            "image_url",
            "tool_use",
            "tool_result",
            "input_audio",
            "thinking",
            "reasoning",
        ):
            return None
        return next(
            (
                text
                for key in ("text", "parts", "content", "value", "body")
                if (text := words(said.get(key), depth + 1))
            ),
            None,
        )
    if isinstance(said, list | tuple):
        texts = [text for part in said[:200] if (text := words(part, depth + 1))]
        return "\n".join(texts) if texts else None
    return None


def unwrapped(record: Record) -> Record:
    """What stands in a record that only names it, such as {"ticket": {…}}; any other record as it is."""
    if len(record) == 1:
        name, inside = next(iter(record.items()))
        if name in WRAPPERS and isinstance(inside, Mapping) and len(inside) > 1:
            return inside
    return record


def named_like_turn(keys: Iterable[str]) -> bool:
    """Whether records with such keys could be turns."""
    return is_turn({key: True if key in FLAGS else "x" for key in keys})


def is_turn(item: object) -> bool:
    """Whether an element of a list looks like a turn: somebody, and what they said or called."""
    if not isinstance(item, Mapping):
        return False
    item = unwrapped(item)
    if _both(item):
        return True
    return _who(item) is not None and any(key in item for key in (*SAID, "tool_calls", "function_call"))


def is_turns(value: object, key: str = "") -> TypeGuard[Sequence[object]]:
    """Whether a value is a list of turns, or by its key a list in which two people take turns."""
    if not isinstance(value, list | tuple) or not value:
        return False
    if all(is_turn(item) for item in value[:20]):
        return True
    if key.casefold() in PLAIN_LISTS:
        return _pairs_of_two(value) or (
            key != "history" and len(value) >= 2 and all(isinstance(one, str) for one in value[:20])
        )
    return False


def _pairs_of_two(value: Sequence[object]) -> bool:
    return all(
        isinstance(one, list | tuple) and len(one) == 2 and all(isinstance(x, str) for x in one) for one in value[:20]
    )


def turns(value: Sequence[object], **about: Unpack[About]) -> Iterator[Turn]:
    """The turns of such a list. ABOUT: what else is known of each (conversation, line)."""
    for item in value[:MOST]:
        if isinstance(item, Mapping):
            item = unwrapped(item)
            if both := _both(item):
                yield Turn(CUSTOMER, both[0], role=CUSTOMER, **about)
                yield Turn(TEAM, both[1], role=TEAM, **about)
            else:
                yield turn(item, **about)
        elif isinstance(item, list | tuple) and len(item) == 2:
            yield Turn(CUSTOMER, words(item[0]) or "", role=CUSTOMER, **about)
            yield Turn(TEAM, words(item[1]) or "", role=TEAM, **about)
    texts = [one for one in value[:MOST] if isinstance(one, str)]
    if len(texts) == len(value[:MOST]):
        for place, text in enumerate(texts):
            role = TEAM if place % 2 else CUSTOMER
            yield Turn(role, text, role=role, **about)


def turn(item: Record, **about: Unpack[About]) -> Turn:
    """One turn of a list: who, what, and whether it may be learned."""
    who = _who(item) or ""
    role = role_of(who)
    text = next((text for key in SAID if (text := words(item.get(key)))), None) or ""
    left_out = "system" if who.casefold() in ("system", "developer") else ""
    if not left_out and (silent(who) or item.get("type") in ("function_call", "function_call_output")):
        left_out = "tool"
    if not left_out and _internal(item):
        left_out = "internal"
    if (
        not left_out
        and not text.strip()
        and any(item.get(key) for key in ("tool_calls", "function_call", "attachments"))
    ):
        left_out = "tool" if item.get("tool_calls") or item.get("function_call") else "media"
    moment = next(
        (seconds(str(item[key])) for key in ("timestamp", "created_at", "time", "date") if item.get(key)), None
    )
    return Turn(who or role, plain(text), time=moment, role=role, learn=_learned(item), left_out=left_out, **about)


def plain(text: str) -> str:
    """The text of a turn without the tags that help desks keep in it."""
    if "<" not in text or len(text) > 200_000 or not _ANY_TAG.search(text):
        return text
    return re.sub(r"\n{3,}", "\n\n", html.unescape(_ANY_TAG.sub("", _TAG.sub("\n", text)))).strip()


def _who(item: Record) -> str | None:
    """Who says it, as a string; a mapping is asked for its role, type or name."""
    for key in FLAGS:
        if isinstance(item.get(key), bool):
            return CUSTOMER if item[key] == (key in _ASKING) else TEAM
    for key in WHO:
        value = item.get(key)
        if key in ("createdBy", "created_by") and isinstance(value, Mapping) and value.get("type") == "user":
            return TEAM  # a desk calls its own people users, and those who write to it customers
        if isinstance(value, Mapping):
            value = next((value[part] for part in PERSON if isinstance(value.get(part), str | int)), None)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return None


def _internal(item: Record) -> bool:
    """Notes that customers never saw."""
    return (
        item.get("public") is False
        or item.get("private") is True
        or item.get("part_type") in ("note", "note_and_reopen")
        or (item.get("type") in ("note", "lineitem") and "body" in item)
    )


def _learned(item: Record) -> bool:
    """False where the file says that this turn is not to be learned."""
    for key in ("weight", "loss", "loss_weight", "train", "training", "train_on_turn", "learn", "trainable"):
        if key in item and item[key] in (0, False, "0", "false", "False", 0.0):
            return False
    return True


def _both(item: Record) -> tuple[str, str] | None:
    """Question and answer where one element holds both, as {"human": …, "assistant": …}."""
    if len(item) > 6 or _who(item) is not None:
        return None
    asked = next(
        (value for key, value in item.items() if str(key).casefold() in CUSTOMERS and isinstance(value, str)), None
    )
    said = next((value for key, value in item.items() if str(key).casefold() in TEAMS and isinstance(value, str)), None)
    return (asked, said) if asked is not None and said is not None else None


def branch(value: object) -> list[Record]:
    """The turns along a tree of replies, of several replies the one that was ranked first."""
    found: list[Record] = []
    while isinstance(value, list) and value and len(found) < MOST:
        turns_of = [one for one in value if isinstance(one, Mapping)]
        if not turns_of:
            break
        found.append(min(turns_of, key=_rank))
        value = found[-1].get("replies")
    return found


def _rank(item: Record) -> float:
    rank = item.get("rank")
    return float(rank) if isinstance(rank, int | float) and not isinstance(rank, bool) else float("inf")


def tree(value: object) -> list[Record]:
    """The messages of a conversation kept as a tree of {id: {message, parent, children}}: the branch that ends last."""
    if not isinstance(value, Mapping) or not value:
        return []
    nodes = {
        str(key): node for key, node in list(value.items())[:MOST] if isinstance(node, Mapping) and "parent" in node
    }
    if len(nodes) < len(value):
        return []
    leaf = next((key for key in reversed(nodes) if not nodes[key].get("children")), None)
    branch: list[Record] = []
    seen: set[str] = set()
    while leaf in nodes and leaf not in seen:
        seen.add(str(leaf))
        message = nodes[str(leaf)].get("message")
        if isinstance(message, Mapping):
            branch.append(message)
        leaf = nodes[str(leaf)].get("parent")
    return branch[::-1]
