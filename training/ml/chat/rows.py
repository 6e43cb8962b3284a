"""Rows of a dataset folder, and how a row with the known answers found for it becomes token ids to learn from."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from transformers import PreTrainedTokenizerBase

from training.ml.batches import Example
from training.ml.chat.generate import prompt_ids
from training.ml.errors import NoWords, SameAnswers, TooLittleData
from training.ml.knowledge import Hit, Known
from training.ml.prompts import Message, compose, question_of

FEWEST = 8
SENTENCE = re.compile(r"(?<=[.!?。！？\n])\s*")


@dataclass(frozen=True)
class Row:
    """One example: a conversation that ends with the answer to learn."""

    id: str
    number: int
    messages: list[Message]

    @property
    def asked(self) -> list[Message]:
        return self.messages[:-1]

    @property
    def question(self) -> str:
        return question_of(self.asked)

    @property
    def answer(self) -> str:
        return self.messages[-1]["content"]

    @property
    def known(self) -> Known:
        return Known(self.id, self.question, self.answer)


def read_rows(file: Path, most: int | None = None) -> list[Row]:
    """The usable rows of a part: those that end with words of the assistant's."""
    rows: list[Row] = []
    if not file.exists():
        return rows
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            values = json.loads(line)
            row = Row(str(values["id"]), int(values.get("row", len(rows))), values["messages"])
            if len(row.messages) > 1 and row.messages[-1]["role"] == "assistant" and row.answer.strip():
                rows.append(row)
            if most is not None and len(rows) >= most:
                break
    return rows


def training_rows(data: Path) -> list[Row]:
    """The rows to learn from, or the reason why one cannot."""
    rows = read_rows(data / "train.jsonl")
    if len(rows) < FEWEST:
        raise TooLittleData(found=len(rows), needed=FEWEST)
    if not any(re.search(r"\w", row.answer) for row in rows):
        raise NoWords(count=len(rows))
    if len({row.answer.strip() for row in rows}) == 1:
        raise SameAnswers(count=len(rows))
    return rows


class Encoder:
    """Rows into examples of at most so many tokens. A long answer is cut after a sentence, a long prompt at its start."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, system_prompt: str, longest: int) -> None:
        self.tokenizer, self.system_prompt, self.longest = tokenizer, system_prompt, longest
        self.shortened = 0

    def prompt(self, asked: Sequence[Message], hits: Sequence[Hit]) -> list[int]:
        """The prompt, exactly as it will stand before an answer in use."""
        return prompt_ids(self.tokenizer, compose(self.system_prompt, asked, hits))

    def example(self, row: Row, hits: Sequence[Hit]) -> Example:
        answer = self._answer(row.answer.strip())
        prompt = self.prompt(row.asked, hits)[-(self.longest - len(answer)) :]
        return Example(prompt + answer, len(prompt))

    def _answer(self, text: str) -> list[int]:
        """Ids of the answer with its end token, which must never be cut off."""
        room = self.longest * 3 // 5
        ids = self._ids(text)
        if len(ids) + 1 > room:
            self.shortened += 1
            ids = self._whole_sentences(text, room - 1) or ids[: room - 1]
        return [*ids, self.tokenizer.eos_token_id]

    def _whole_sentences(self, text: str, room: int) -> list[int]:
        kept = ""
        for sentence in SENTENCE.split(text):
            longer = f"{kept} {sentence}".strip()
            if len(self._ids(longer)) > room:
                break
            kept = longer
        return self._ids(kept)

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer(text, add_special_tokens=False).input_ids
        return ids
