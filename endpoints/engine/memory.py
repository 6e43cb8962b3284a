"""Models that write no text: classifiers and recommenders in memory, each answered by its family on one thread.

They have a thread of their own, so that a chat goes on while a file is being scored, and are given a few texts at a time,
so that a single question gets its turn in between.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from endpoints.engine.checking import Checked, checked
from endpoints.engine.wire import Refused
from training.ml import artifact, families
from training.ml.errors import LearningError

logger = logging.getLogger(__name__)
T = TypeVar("T")
ALIKE = 0.9
"""Share of the stored answers that must come out again; the families know how near is the same."""


@dataclass
class Loaded:
    """A model of a family in memory."""

    found: Checked
    verbs: families.Verbs[Any, Any]
    model: Any  # of the kind that its family loads


class Memory:
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
        began = time.monotonic()
        verbs = families.verbs(found.family)
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
        revision = artifact.about_base(folder).revision
        if found.base_revision != revision:
            text = f"The model was trained on another {found.base} ({found.base_revision}, not {revision})."
            raise Refused(409, text, "wrong_base", "lora_path")
        return folder


def _prove(loaded: Loaded) -> None:
    same = float(loaded.verbs.check_probes(loaded.model, loaded.found.folder))
    if same < ALIKE:
        text = f"The model answers differently than after training: {same:.0%} of its stored answers come out again."
        raise Refused(409, f"{text} It was not loaded.", "probe_mismatch", "lora_path")
