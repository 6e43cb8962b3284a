"""A model folder and its base into memory, answers out of it, and the proof that it is the model that was trained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import nn
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from training.ml import artifact
from training.ml.chat.generate import AnswerOptions, pieces, prompt_ids, stream, token_stream
from training.ml.errors import WrongBase
from training.ml.hardware import hardware
from training.ml.lora import load_base, with_adapter
from training.ml.prompts import Message

PROBE_TOKENS = 24


@dataclass
class LoadedChat:
    """A model in memory, ready to answer."""

    model: nn.Module
    tokenizer: PreTrainedTokenizerBase
    manifest: artifact.Manifest | None
    """None for an untouched base."""


@dataclass(frozen=True)
class Probe:
    """A prompt with the beginning of its likeliest answer."""

    messages: list[Message]
    tokens: list[int]
    answer: str


def load(model: Path | None, base: Path, device: str | None = None) -> LoadedChat:
    """A published model on its base, every file checked; without a model the untouched base."""
    manifest = artifact.verify(model) if model else None
    about = artifact.about_base(base)
    if manifest and manifest.base_revision != about.revision:
        raise WrongBase(expected=f"{manifest.base} {manifest.base_revision}", found=f"{base.name} {about.revision}")
    tokenizer = AutoTokenizer.from_pretrained(base)
    loaded: nn.Module = load_base(base, hardware(device))
    if model:
        loaded = with_adapter(loaded, model)
    return LoadedChat(loaded.eval(), tokenizer, manifest)


def answer(loaded: LoadedChat, messages: Sequence[Message], options: AnswerOptions | None = None) -> Iterator[str]:
    """The answer in pieces. The messages are taken as they are: known answers were put in before."""
    prompt = prompt_ids(loaded.tokenizer, messages)
    return stream(loaded.model, loaded.tokenizer, prompt, options or AnswerOptions())


def probe(model: nn.Module, tokenizer: PreTrainedTokenizerBase, messages: Sequence[Message]) -> Probe:
    """A prompt with the beginning of its likeliest answer."""
    prompt = prompt_ids(tokenizer, messages)
    tokens = list(token_stream(model, tokenizer, prompt, AnswerOptions(PROBE_TOKENS)))
    return Probe(list(messages), tokens, "".join(pieces(tokenizer, iter(tokens))))


def check_probes(loaded: LoadedChat, model: Path) -> float:
    """Share of the stored probe tokens that come out again, position by position; 1.0 is the very same model."""
    same = wanted = 0
    for stored in artifact.read_probes(model, Probe):
        again = probe(loaded.model, loaded.tokenizer, stored.messages)
        wanted += max(len(stored.tokens), len(again.tokens))
        same += sum(a == b for a, b in zip(stored.tokens, again.tokens, strict=False))
    return same / wanted if wanted else 1.0
