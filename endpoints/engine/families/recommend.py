"""POST /v1/recommend: items for a history, a sentence, both, or like one item ("like")."""

from __future__ import annotations

from collections.abc import Mapping

from endpoints.engine.families import Served
from endpoints.engine.memory import Memory
from endpoints.engine.wire import bad, text_of
from training.ml import recommend
from training.ml.recommend.picks import Pick

MOST_CHARACTERS = 20_000
MOST_HISTORY = 5000
MOST_PICKS = 100


async def answer(memory: Memory, data: Mapping[str, object]) -> dict[str, object]:
    name, history = text_of(data, "model"), _history(data.get("history"))
    k = data.get("k", 10)
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= MOST_PICKS:
        raise bad(f"'k' must be a whole number from 1 to {MOST_PICKS}.", "k")
    query, like, rules = data.get("query"), data.get("like"), data.get("rules") or {}
    if not isinstance(query, str | None) or not isinstance(like, str | None) or not isinstance(rules, dict):
        raise bad("'query' and 'like' must be texts, 'rules' an object.")
    system = str(data.get("answers_with") or "tuned")

    def work() -> list[Pick]:
        model = memory.ready(name, "recommend")
        if like is not None:
            return recommend.similar(model.model, like, k, rules)
        wish = query[:MOST_CHARACTERS] if query else None
        return recommend.answer(model.model, history, wish, k, rules, answers_with=system)

    return {"object": "list", "model": name, "data": [pick.to_json() for pick in await memory.run(work)]}


def _history(value: object) -> list[str]:
    history = value or []
    if not isinstance(history, list) or not all(isinstance(item, str) for item in history):
        raise bad("'history' must be a list of item ids.", "history")
    return history[-MOST_HISTORY:]


ENGINE = Served("/v1/recommend", answer)
