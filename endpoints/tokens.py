"""How many tokens a text is, by the tokenizer of the model that answers. No torch, and no engine is asked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from tokenizers import Tokenizer

from endpoints.words import rough_tokens

logger = logging.getLogger(__name__)
KEPT = 2
"""Tokenizers in memory; a large one takes some ten megabytes."""


async def count(base: str, texts: Sequence[str]) -> int:
    """Tokens of some texts together, as a base model reads them."""
    # The tokenizer is written in Rust and leaves Python's lock alone while it works.
    return await asyncio.to_thread(_count, base, tuple(texts))


def _count(base: str, texts: Sequence[str]) -> int:
    tokenizer = _tokenizer(Path(settings.MODELS_ROOT) / base / "tokenizer.json")
    if tokenizer is None:
        return sum(rough_tokens(text) for text in texts)
    # Half a character, as broken JSON holds it, is no text to a tokenizer.
    clean = [text.encode("utf-8", "replace").decode() for text in texts]
    return sum(len(one.ids) for one in tokenizer.encode_batch(clean, add_special_tokens=False))


@lru_cache(maxsize=KEPT)
def _tokenizer(file: Path) -> Tokenizer | None:
    """None where the models lie on another machine, as they may when the engine has one of its own."""
    if not file.exists():
        logger.info("No tokenizer at %s; tokens are estimated", file)
        return None
    found: Tokenizer = Tokenizer.from_file(str(file))
    found.no_truncation()
    found.no_padding()
    return found
