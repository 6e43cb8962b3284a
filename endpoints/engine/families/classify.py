"""POST /v1/classify: a label with its scores for each text, in the order given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from endpoints.engine.families import Served
from endpoints.engine.memory import Memory
from endpoints.engine.wire import bad, text_of
from projects import privacy
from training.ml import classify
from training.ml.classify.answers import Answer

AT_ONCE = 64
"""Texts labelled before somebody else's get their turn."""
EXPLAINED_AT_ONCE = 4
"""The same where the words that decided are asked for, which reads every text many times."""
MOST_TEXTS = 1000
MOST_CHARACTERS = 20_000


async def answer(memory: Memory, data: Mapping[str, object]) -> dict[str, object]:
    name, texts = text_of(data, "model"), _texts(data.get("input"))
    explain, system = bool(data.get("explain")), str(data.get("answers_with") or "tuned")
    most = EXPLAINED_AT_ONCE if explain else AT_ONCE
    rows: list[dict[str, object]] = []
    for start in range(0, len(texts), most):
        some = texts[start : start + most]

        def work(some: Sequence[str] = some) -> list[Answer]:
            model = memory.ready(name, "classify")
            # The data holds texts with what is personal masked; whoever asks writes it out.
            masked = [privacy.mask(text) for text in some]
            return classify.answer(model.model, some, explain, system, masked)

        rows += [row.to_json() for row in await memory.run(work)]
    return {"object": "list", "model": name, "data": rows}


def _texts(value: object) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not 0 < len(texts) <= MOST_TEXTS or not all(isinstance(t, str) for t in texts):
        raise bad(f"'input' must be a text or a list of 1 to {MOST_TEXTS} texts.", "input")
    return [text[:MOST_CHARACTERS] for text in texts]


ENGINE = Served("/v1/classify", answer)
