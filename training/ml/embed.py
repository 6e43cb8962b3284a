"""Sentences into unit vectors with a small encoder."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModel, AutoTokenizer

from training.ml.errors import MissingBase
from training.ml.hardware import hardware

LONGEST = 256
TOKENS_AT_ONCE = 2048


class Embedder:
    """Mean-pooled unit vectors; texts of like length share a batch, so that hardly any padding is computed."""

    def __init__(self, folder: Path, device: str | None = None) -> None:
        if not (folder / "config.json").exists():
            raise MissingBase(path=folder)
        found = hardware(device)
        self.device = found.device
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        model = AutoModel.from_pretrained(folder, dtype=found.dtype, attn_implementation="eager")
        self.model = model.to(found.device).eval()
        self.prefixes = _prefixes(folder)

    @property
    def width(self) -> int:
        return int(self.model.config.hidden_size)

    def encode(
        self,
        texts: Sequence[str],
        kind: Literal["query", "passage"] = "query",
        progress: Callable[[int], None] | None = None,
    ) -> NDArray[np.float32]:
        """One unit row for each text, in the order given."""
        prefix = self.prefixes[kind]
        ids = [self._ids(prefix + text) for text in texts]
        vectors = np.zeros((len(ids), self.width), dtype=np.float32)
        done = 0
        for batch in _batches([len(row) for row in ids]):
            vectors[batch] = self._pooled([ids[i] for i in batch])
            done += len(batch)
            if progress:
                progress(done)
        return vectors

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer(text, truncation=True, max_length=LONGEST).input_ids
        return ids or [0]  # an empty text is still a row

    @torch.inference_mode()
    def _pooled(self, rows: list[list[int]]) -> NDArray[np.float32]:
        width = max(map(len, rows))
        ids = torch.zeros(len(rows), width, dtype=torch.long)
        mask = torch.zeros(len(rows), width, dtype=torch.long)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = torch.tensor(row)
            mask[i, : len(row)] = 1
        ids, mask = ids.to(self.device), mask.to(self.device)
        hidden = self.model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        mean = (hidden * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
        pooled: NDArray[np.float32] = torch.nn.functional.normalize(mean, dim=-1).cpu().numpy()
        return pooled


def _prefixes(folder: Path) -> dict[str, str]:
    """e5 models want a word before the text; the folder's manifest knows it."""
    manifest = folder / "manifest.json"
    about = json.loads(manifest.read_text()) if manifest.exists() else {}
    return {"query": about.get("query_prefix", ""), "passage": about.get("passage_prefix", "")}


def _batches(lengths: list[int]) -> list[list[int]]:
    """Positions in batches of like length."""
    batches: list[list[int]] = [[]]
    for position in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batches[-1] and lengths[position] * (len(batches[-1]) + 1) > TOKENS_AT_ONCE:
            batches.append([])
        batches[-1].append(position)
    return [batch for batch in batches if batch]
