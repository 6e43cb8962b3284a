"""What a training needs to go on as if nothing had happened: weights, optimiser, generators, position. No pickles."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

BEST = "best.safetensors"
Weights = dict[str, nn.Parameter]


def save(folder: Path, weights: Weights, optimiser: torch.optim.AdamW, state: dict[str, object]) -> None:
    """Write a checkpoint under another name, rename it when whole, then remove the older ones."""
    target = folder / f"step-{state['step']:08d}"
    work = folder / f"{target.name}.tmp"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    save_file({name: weight.detach().contiguous() for name, weight in weights.items()}, work / "adapter.safetensors")
    save_file(_moments(weights, optimiser), work / "optimiser.safetensors")
    save_file(_generators(), work / "generators.safetensors")
    (work / "state.json").write_text(json.dumps(state | {"python": random.getstate()}))
    shutil.rmtree(target, ignore_errors=True)
    os.replace(work, target)
    for old in folder.glob("step-*"):
        if old != target:
            shutil.rmtree(old, ignore_errors=True)


def restore(folder: Path, weights: Weights, optimiser: torch.optim.AdamW) -> dict[str, Any] | None:
    """Put the newest whole checkpoint back and return its state; None when there is none."""
    whole = sorted(path for path in folder.glob("step-*") if not path.name.endswith(".tmp"))
    if not whole:
        return None
    state: dict[str, Any] = json.loads((whole[-1] / "state.json").read_text())
    load_weights(whole[-1] / "adapter.safetensors", weights)
    _restore_moments(load_file(whole[-1] / "optimiser.safetensors"), weights, optimiser)
    _restore_generators(load_file(whole[-1] / "generators.safetensors"))
    version, internal, gauss = state.pop("python")
    random.setstate((version, tuple(internal), gauss))
    return state


def save_best(folder: Path, weights: Weights) -> None:
    """Keep the weights with the best validation loss so far."""
    folder.mkdir(parents=True, exist_ok=True)
    work = folder / f"{BEST}.tmp"
    save_file({name: weight.detach().contiguous() for name, weight in weights.items()}, work)
    os.replace(work, folder / BEST)


def load_weights(file: Path, weights: Weights) -> None:
    stored = load_file(file)
    with torch.no_grad():
        for name, weight in weights.items():
            weight.copy_(stored[name])


def _moments(weights: Weights, optimiser: torch.optim.AdamW) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for name, weight in weights.items():
        for key, value in optimiser.state[weight].items():
            found[f"{name}/{key}"] = value.detach().contiguous()
    return found


def _restore_moments(stored: dict[str, Tensor], weights: Weights, optimiser: torch.optim.AdamW) -> None:
    for name, weight in weights.items():
        moments = {key: stored[f"{name}/{key}"].to(weight.device) for key in ("exp_avg", "exp_avg_sq")}
        optimiser.state[weight] = {"step": stored[f"{name}/step"], **moments}


def _generators() -> dict[str, Tensor]:
    found = {"cpu": torch.get_rng_state()}
    return found | ({"cuda": torch.cuda.get_rng_state()} if torch.cuda.is_available() else {})


def _restore_generators(stored: dict[str, Tensor]) -> None:
    torch.set_rng_state(stored["cpu"])
    if "cuda" in stored and torch.cuda.is_available():
        torch.cuda.set_rng_state(stored["cuda"])
