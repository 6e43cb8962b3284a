"""The families: each folder here is one, with its presets, how its versions compare, and its verbs. No torch here."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from training.ml.config import DataFacts, TrainConfig
from training.ml.presets import Presets
from training.ml.reports import Report
from training.ml.result import FitResult
from training.ml.stored import Stored
from training.ml.versus import Rival, Versus
from training.ml.watching import Watcher

VERBS = ("fit", "evaluate", "load", "answer", "ask", "recall", "check_probes", "refit", "measure", "say")


Row = TypeVar("Row", contravariant=True)
Loaded = TypeVar("Loaded")


class Verbs(Protocol[Row, Loaded]):
    """What a family does, by the same names and with the same first arguments everywhere. Needs torch.

    Each family's package says to mypy that it is this, since whoever finds it by name cannot.
    """

    def fit(
        self, data: Path, base: Path, embedder: Path, out: Path, config: TrainConfig, watcher: Watcher | None = None
    ) -> FitResult:
        """Learns from a dataset folder into a run folder; goes on from out/checkpoints when there is something."""

    def evaluate(
        self,
        model: Path,
        data: Path,
        base: Path,
        embedder: Path,
        watcher: Watcher | None = None,
        limit: int | None = None,
    ) -> Report:
        """Scores a model folder on a dataset's test rows; the report is also written into the folder."""

    def refit(
        self,
        model: Path,
        data: Path,
        base: Path,
        embedder: Path,
        watcher: Watcher | None = None,
        tested_apart: bool = False,
    ) -> None:
        """After its report a model gets to know every row, those of the report too."""

    def ask(
        self,
        model: Path,
        data: Path,
        embedder: Path,
        rows: Sequence[Row],
        rival: Rival,
        watcher: Watcher | None = None,
    ) -> Mapping[str, object]:
        """The answers of another version to rows of the report of MODEL, by their keys, as they are stored."""

    def recall(
        self, data: Path, settled: Callable[[str], bool], version: Rival, watcher: Watcher | None = None
    ) -> list[bool]:
        """Whether a version gives, as it is published, the answer of each row of DATA whose question is SETTLED by people."""

    def load(self, model: Path, base: Path) -> Loaded:
        """A model in memory."""

    @property
    def answer(self) -> Callable[..., object]:
        """What a loaded model says; what it is asked differs from family to family."""

    def check_probes(self, loaded: Loaded, model: Path) -> float:
        """Share of the stored answers that come out again."""

    def measure(self, data: Path) -> DataFacts:
        """What the presets need to know of a dataset folder."""

    def say(self, model: Path, base: Path, embedder: Path, text: str) -> Iterable[str]:
        """What a model folder answers to one text, in pieces, for a terminal."""


@dataclass(frozen=True)
class Family:
    """What can be asked of a family without torch."""

    presets: Presets
    versus: Versus[Any, Any]
    base: str
    """Folder of the base model that a terminal takes when none is named."""
    unnamed: bool = False
    """Whether reports without a family's name are its own: they were written before there were others."""


@cache
def every() -> Mapping[str, Family]:
    """Each family by the name of its folder. A folder that lacks something is not finished, and nothing starts."""
    home = importlib.import_module(__package__)
    return {info.name: _whole(info.name) for info in pkgutil.iter_modules(home.__path__) if info.ispkg}


def _whole(name: str) -> Family:
    module = importlib.import_module(f"{__package__}.{name}")
    family, lacking = getattr(module, "FAMILY", None), [verb for verb in VERBS if verb not in module.__all__]
    if not isinstance(family, Family) or lacking:
        raise TypeError(f"{module.__name__} lacks {', '.join(lacking) or 'its FAMILY'}.")
    return family


def of(name: str) -> Family:
    """What can be asked of a family; ValueError where there is none."""
    try:
        return every()[name]
    except KeyError:
        raise ValueError(f"There is no family {name[:80]!r} in training/ml.") from None


def of_report(report: Stored) -> str:
    """The name of the family that a report is of."""
    return str(report.get("family") or next(name for name, family in every().items() if family.unnamed))


def verbs(name: str) -> Verbs[Any, Any]:
    """What a family does. Only processes that may load torch use these."""
    of(name)
    return cast(Verbs[Any, Any], importlib.import_module(f"{__package__}.{name}"))
