"""Models that write no text: classifiers and recommenders in memory, each answered by its family on one thread.

They have a thread of their own, so that a chat goes on while a file is being scored, and are given a few texts at a time,
so that a single question gets its turn in between.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from endpoints.engine.checking import Checked, checked
from endpoints.engine.wire import Refused, bad
from training.ml import artifact
from training.ml.errors import LearningError

logger = logging.getLogger(__name__)
T = TypeVar("T")
CHAT = "chat"
SERVED = ("classify", "recommend")
ALIKE = 0.9
"""Share of the stored answers that must come out again; the families know how near is the same."""
AT_ONCE = 64
"""Texts labelled before somebody else's get their turn."""
EXPLAINED_AT_ONCE = 4
"""The same where the words that decided are asked for, which reads every text many times."""
MOST_TEXTS = 1000
MOST_CHARACTERS = 20_000
MOST_HISTORY = 5000
MOST_PICKS = 100


@dataclass
class Loaded:
    """A model of a family in memory."""

    found: Checked
    verbs: Any
    model: Any


class Families:
    """The models by name, the least used leaves first."""

    def __init__(self, models: Path, most: int = 4) -> None:
        self.models, self.most = models.resolve(), most
        self.loaded: OrderedDict[str, Loaded] = OrderedDict()
        self.known: dict[str, Checked] = {}
        """Everything loaded and not unloaded since; what was evicted comes back when it is asked."""
        self._thread = ThreadPoolExecutor(1, "families")

    async def run(self, work: Callable[[], T]) -> T:
        """Call a function on the thread of these models; what goes wrong in a family becomes a refusal."""

        def told() -> T:
            try:
                return work()
            except LearningError as error:
                raise Refused(400, f"The model cannot do this: {error}", error.code) from error

        return await asyncio.get_running_loop().run_in_executor(self._thread, told)

    # In and out of memory -------------------------------------------------------------------------------------
    async def put(self, name: str, found: Checked, replace: bool = False) -> None:
        """Take a model in after it has proved that it answers as it did after training; before, nothing changes."""
        await self.run(lambda: self._put(name, found, replace))

    def _put(self, name: str, found: Checked, replace: bool) -> Loaded:
        here = self.loaded.get(name)
        if here and here.found == found and not replace:
            return here
        if found.family not in SERVED:
            raise Refused(400, f"There is no family '{found.family}'.", "broken_model", "lora_path")
        began = time.monotonic()
        verbs = importlib.import_module(f"training.ml.{found.family}")
        loaded = Loaded(found, verbs, verbs.load(found.folder, self._base(found)))
        if self.known.get(name) != found or replace:
            _prove(loaded)
        self.loaded[name], self.known[name] = loaded, found
        self.loaded.move_to_end(name)
        while len(self.loaded) > self.most:
            self.loaded.popitem(last=False)
        logger.info("Loaded %s (%s) in %.2f s.", name, found.family, time.monotonic() - began)
        return loaded

    async def unload(self, name: str) -> None:
        def leave() -> None:
            self.known.pop(name, None)
            self.loaded.pop(name, None)

        await self.run(leave)

    def ready(self, name: str, family: str) -> Loaded:
        """The model of this name; 404 when it is not loaded, so that a studio can load it. For the families' thread."""
        if name in self.known and name not in self.loaded:
            folder = self.known[name].folder
            self._put(name, checked(str(folder), (folder,)), False)
        one = self.loaded.get(name)
        if one is None or one.found.family != family:
            raise Refused(404, f"The model '{name}' does not exist or is not loaded.", "model_not_found", "model")
        self.loaded.move_to_end(name)
        return one

    def _base(self, found: Checked) -> Path:
        folder = (self.models / found.base).resolve()
        if folder.parent != self.models or not (folder / "config.json").exists():
            raise Refused(404, f"The base model '{found.base}' is not on this machine.", "model_not_found", "lora_path")
        revision = artifact.about_base(folder)["revision"]
        if found.base_revision != revision:
            text = f"The model was trained on another {found.base} ({found.base_revision}, not {revision})."
            raise Refused(409, text, "wrong_base", "lora_path")
        return folder

    # Answers --------------------------------------------------------------------------------------------------
    async def classify(self, data: dict[str, Any]) -> dict[str, Any]:
        """The answer to POST /v1/classify: a label with its scores for each text, in the order given."""
        name, texts = _text(data, "model"), _texts(data.get("input"))
        explain, system = bool(data.get("explain")), str(data.get("answers_with") or "tuned")
        most = EXPLAINED_AT_ONCE if explain else AT_ONCE
        found: list[dict[str, Any]] = []
        for start in range(0, len(texts), most):
            some = texts[start : start + most]

            def work(some: Sequence[str] = some) -> list[Any]:
                one = self.ready(name, "classify")
                return list(one.verbs.answer(one.model, some, explain=explain, answers_with=system))

            found += [_plain(one) for one in await self.run(work)]
        return {"object": "list", "model": name, "data": found}

    async def recommend(self, data: dict[str, Any]) -> dict[str, Any]:
        """The answer to POST /v1/recommend: items for a history, a sentence, both, or like one item ("like")."""
        name, history = _text(data, "model"), _history(data.get("history"))
        k = data.get("k", 10)
        if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= MOST_PICKS:
            raise bad(f"'k' must be a whole number from 1 to {MOST_PICKS}.", "k")
        query, like, rules = data.get("query"), data.get("like"), data.get("rules") or {}
        if not isinstance(query, str | None) or not isinstance(like, str | None) or not isinstance(rules, dict):
            raise bad("'query' and 'like' must be texts, 'rules' an object.")
        system = str(data.get("answers_with") or "tuned")

        def work() -> list[Any]:
            one = self.ready(name, "recommend")
            if like is not None:
                return list(one.verbs.similar(one.model, like, k, rules))
            wish = query[:MOST_CHARACTERS] if query else None
            return list(one.verbs.answer(one.model, history, wish, k, rules, answers_with=system))

        return {"object": "list", "model": name, "data": [_plain(one) for one in await self.run(work)]}


def _prove(loaded: Loaded) -> None:
    same = float(loaded.verbs.check_probes(loaded.model, loaded.found.folder))
    if same < ALIKE:
        text = f"The model answers differently than after training: {same:.0%} of its stored answers come out again."
        raise Refused(409, f"{text} It was not loaded.", "probe_mismatch", "lora_path")


def _plain(one: Any) -> dict[str, Any]:
    """A family's answer as JSON has it."""
    found: dict[str, Any] = one if isinstance(one, dict) else one.as_dict()
    return found


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value:
        raise bad(f"'{name}' must be a text.", name)
    return value


def _texts(value: Any) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not 0 < len(texts) <= MOST_TEXTS or not all(isinstance(t, str) for t in texts):
        raise bad(f"'input' must be a text or a list of 1 to {MOST_TEXTS} texts.", "input")
    return [text[:MOST_CHARACTERS] for text in texts]


def _history(value: Any) -> list[str]:
    history = value or []
    if not isinstance(history, list) or not all(isinstance(item, str) for item in history):
        raise bad("'history' must be a list of item ids.", "history")
    return history[-MOST_HISTORY:]
