"""What JSON and Parquet share: records flattened into named cells, and chats recognised."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from projects.encodings import repaired
from projects.formats import Reading

USER = {"user", "human", "customer", "client", "visitor", "prompter", "question", "用户", "客户"}
ASSISTANT = {"assistant", "gpt", "bot", "agent", "support", "model", "chatbot", "answer", "助手", "客服"}
SPEAKER = ("role", "from", "speaker", "author", "sender")
SAID = ("content", "value", "text", "message", "utterance")
DEPTH = 64


def chat_key(record: Mapping[str, Any]) -> str:
    """The key under which the record keeps a conversation, or ""."""
    for key, value in record.items():
        if isinstance(value, list) and value and all(_turn(item) for item in value):
            return str(key)
    return ""


def see_chat(records: Sequence[Mapping[str, Any]], reading: Reading) -> None:
    """Notes that the records hold conversations, and whether they are longer than one question and answer."""
    key = next((found for record in records[:20] if (found := chat_key(record))), "")
    if not key:
        return
    reading.chat_key = key
    reading.note("chat_form", key=key)
    if any(first_exchange(record.get(key))[2] > 1 for record in records):
        reading.warn("long_chats")


def _turn(item: object) -> tuple[str, str] | None:
    if not isinstance(item, Mapping):
        return None
    who = next((item[key] for key in SPEAKER if isinstance(item.get(key), str)), None)
    said = next((item[key] for key in SAID if isinstance(item.get(key), str)), None)
    return (who, said) if who is not None and said is not None else None


def first_exchange(turns: object) -> tuple[str | None, str | None, int]:
    """The first question with the answer that follows it, and how many answers there are in all."""
    question: str | None = None
    pair: tuple[str | None, str | None] = (None, None)
    answers = 0
    for item in turns if isinstance(turns, list) else []:
        turn = _turn(item)
        if turn is None:
            continue
        who, said = turn[0].casefold(), turn[1]
        if who in USER:
            question = said
        elif who in ASSISTANT:
            answers += 1
            if pair[1] is None and question is not None:
                pair = (question, said)
    return pair[0] if pair[0] is not None else question, pair[1], answers


def flatten(record: Mapping[str, Any], chat: str = "") -> dict[str, str | None]:
    """Named cells: an object inside becomes outer.inner, a list becomes JSON text, a chat becomes question and answer."""
    cells: dict[str, str | None] = {}
    if chat and chat in record:
        cells["question"], cells["answer"], _ = first_exchange(record[chat])
    for key, value in record.items():
        if key == chat:
            continue
        if isinstance(value, Mapping) and value:
            for inner, deeper in value.items():
                cells.setdefault(f"{key}.{inner}", as_text(deeper))
        else:
            cells.setdefault(str(key), as_text(value))
    return cells


def as_text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return value if value.isascii() else repaired(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, int | decimal.Decimal):
        return str(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list | tuple | Mapping):
        return repaired(json.dumps(value, ensure_ascii=False, default=str)) if value else None
    return str(value)


def depth(head: bytes) -> int:
    """How deep JSON brackets nest in the head, strings left out."""
    level = deepest = 0
    inside = escaped = False
    for byte in head[:65_536]:
        if inside:
            if escaped:
                escaped = False
            elif byte == 92:
                escaped = True
            elif byte == 34:
                inside = False
        elif byte == 34:
            inside = True
        elif byte in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif byte in b"]}":
            level -= 1
    return deepest
