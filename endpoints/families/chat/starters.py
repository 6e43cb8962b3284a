"""What a visitor may ask first: short questions that a chat model knows the answers of."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

from endpoints.starters import spread
from training.models import ModelVersion

LOOKED_AT = 400


def known_questions(model: ModelVersion) -> list[str]:
    """Short known questions of a chat model, of several of its languages."""
    return spread((question, "") for question in _questions(model))


def _questions(model: ModelVersion) -> Iterator[str]:
    try:
        with (model.folder / "knowledge.jsonl").open(encoding="utf-8") as lines:
            for line in itertools.islice(lines, LOOKED_AT):
                question = " ".join(str(json.loads(line)["question"]).split())
                if question.endswith(("?", "？")):
                    yield question
    except (OSError, ValueError, KeyError):
        return
