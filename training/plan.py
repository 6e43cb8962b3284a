"""From data, base model and machine to every setting of a training, each with its reason. No torch in here."""

from __future__ import annotations

import os
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from projects.models import Dataset
from training import families
from training.basemodels import base_models
from training.ml import families as learners
from training.ml.config import PRESETS, HardwareFacts, TrainConfig
from training.models import TrainingRun, Worker
from training.probe import Measured

Reasons = list[list[Any]]  # [code, facts], worded when they are shown
REMEMBERED = 5
# Billions of multiplications a second of one core on which the model of the durations was fitted.
USUAL_GFLOPS = {True: 300.0, False: 130.0}


@dataclass(frozen=True)
class Plan:
    """All that is settled before a run starts."""

    preset: str
    base_model: str
    config: TrainConfig
    queue: str
    seconds: float
    modelled: float
    reasons: Reasons


@dataclass(frozen=True)
class Machine:
    """Where it will run, and how we know how fast that is."""

    queue: str
    facts: HardwareFacts
    gflops: float
    alive: bool


def make(
    dataset: Dataset, preset: str, overrides: Mapping[str, object] | None = None, test: Dataset | None = None
) -> Plan:
    """The plan of one preset; OVERRIDES are what the person set by hand."""
    data, machine = families.of_project(dataset.project).facts(dataset, test), find_machine()
    base, why_base = base_model(dataset)
    family = learners.of(dataset.project.case.family).presets
    config, why = family.preset(preset, data, machine.facts)
    config = replace(config, system_prompt=dataset.project.case.system_prompt, **_own(overrides or {}))
    modelled = family.estimate(config, data, machine.facts)
    factor, why_time = pace(machine)
    reasons = [why_base, *[[one.code, one.facts] for one in why], *why_time, _where(machine)]
    reasons += [["own_setting", {"name": name}] for name in sorted(overrides or {})]
    return Plan(preset, base, config, machine.queue, round(modelled * factor, 1), modelled, reasons)


def all_presets(dataset: Dataset) -> list[Plan]:
    return [make(dataset, preset) for preset in PRESETS]


def recommended(plans: list[Plan]) -> str:
    """Balanced, unless it would take longer than an hour."""
    for plan in plans:
        if plan.preset == "balanced" and plan.seconds <= 3600:
            return plan.preset
    return "quick"


def _own(overrides: Mapping[str, object]) -> dict[str, Any]:
    known = {field.name for field in fields(TrainConfig)}
    own = {name: value for name, value in overrides.items() if name in known}
    # Who says how often the data is seen means it; the preset's limit of time no longer holds then.
    return {"token_budget": None, **own} if "epochs" in own else own


def language(dataset: Dataset) -> str:
    """The language that most rows are in; empty when the report does not tell."""
    shares = dataset.report.get("languages") or {}
    return max(shares, key=shares.__getitem__) if shares else ""


# The models ------------------------------------------------------------------------------------------------


def base_model(dataset: Dataset) -> tuple[str, list[Any]]:
    """The use case's best base model that knows the data's language, else its best one."""
    known, spoken = base_models(), language(dataset)
    slugs = [slug for slug in dataset.project.case.base_models if slug in known]
    fitting = [slug for slug in slugs if not spoken or spoken in known[slug].languages]
    slug = (fitting or slugs or list(dataset.project.case.base_models))[0]
    title = known[slug].title if slug in known else slug
    code = "base_other_language" if slugs and not fitting else "base_model"
    return slug, [code, {"title": title, "language": spoken}]


def embedder(dataset: Dataset) -> str:
    """The embedding model for the data's language."""
    choices, known = dataset.project.case.embedder, base_models()
    wanted = choices.get(language(dataset).split("-")[0], choices[""])
    return wanted if wanted in known else choices[""]


# The machine -----------------------------------------------------------------------------------------------


def find_machine() -> Machine:
    """A GPU worker when one is alive, else the workers without one."""
    alive = list(Worker.alive())
    for worker in alive:
        if "gpu" in worker.queues and worker.facts.get("device") == "cuda":
            return _machine("gpu", worker, True)
    here = [worker for worker in alive if "train" in worker.queues]
    known = next((worker for worker in here if worker.facts), None) or _last_seen()
    return _machine("train", known, bool(here))


def _last_seen() -> Worker | None:
    return next((worker for worker in Worker.objects.all()[:20] if worker.facts and "train" in worker.queues), None)


def _machine(queue: str, worker: Worker | None, alive: bool) -> Machine:
    if worker is None or not worker.facts:
        return Machine(queue, _here(), 0.0, alive)
    found = Measured.from_json(worker.facts)
    return Machine(queue, HardwareFacts(found.device, found.bf16, found.cores or 2), found.gflops, alive)


@lru_cache(maxsize=1)
def _here() -> HardwareFacts:
    """What this machine says about itself, as long as no worker has said more."""
    try:
        flags = set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        flags = set()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return HardwareFacts("cpu", bool({"avx512_bf16", "amx_bf16", "bf16"} & flags), cores)


def pace(machine: Machine) -> tuple[float, Reasons]:
    """By how much this machine is slower or faster than the model of the durations believes."""
    ratios = _earlier(machine.queue)
    if ratios:
        return min(max(statistics.median(ratios), 0.1), 20.0), [["measured_speed", {"count": len(ratios)}]]
    if not machine.gflops:
        return 1.0, [["assumed_speed", {"cores": machine.facts.cores}]]
    if machine.facts.device != "cpu":
        return 1.0, [["tested_speed", {"gflops": machine.gflops}]]
    usual = USUAL_GFLOPS[machine.facts.bf16] * machine.facts.cores
    return min(max(usual / machine.gflops, 0.5), 4.0), [["tested_speed", {"gflops": machine.gflops}]]


def _earlier(queue: str) -> list[float]:
    """Real seconds over modelled seconds of the last undisturbed runs."""
    done = TrainingRun.objects.filter(
        queue=queue, state=TrainingRun.State.SUCCEEDED, modelled__gt=0, started__isnull=False, finished__isnull=False
    ).exclude(log__code__in=("resumed", "worker_gone"))
    rows = done.order_by("-finished").values_list("started", "finished", "modelled")[:REMEMBERED]
    return [(end - begin).total_seconds() / modelled for begin, end, modelled in rows if begin and end]


def _where(machine: Machine) -> list[Any]:
    if machine.queue == "gpu":
        return ["queue_gpu", {}]
    return ["queue_cpu" if machine.alive else "no_worker", {"cores": machine.facts.cores}]
