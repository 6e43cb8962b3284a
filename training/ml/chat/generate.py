"""Answers from a model: many at once for a report, or one piece by piece for a visitor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from transformers import DynamicCache, PreTrainedTokenizerBase

from training.ml.lora import causal

TOKENS_AT_ONCE = 16384
MOST_ROWS = 48
LONGEST_ROUND, SHORTEST_ROUNDS = 32, 18


@dataclass(frozen=True)
class AnswerOptions:
    """How an answer is drawn."""

    max_new_tokens: int = 256
    temperature: float = 0.0
    """0 always takes the likeliest token."""
    top_p: float = 1.0
    stop: tuple[str, ...] = ()
    seed: int | None = None


def prompt_ids(tokenizer: PreTrainedTokenizerBase, messages: Sequence[dict[str, str]]) -> list[int]:
    """The conversation as the model wants it, up to where its answer begins."""
    text = tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=True)
    return cast(list[int], tokenizer(text, add_special_tokens=False).input_ids)


def tokens_of(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    """Ids of a text as it stands."""
    return cast(list[int], tokenizer(text, add_special_tokens=False).input_ids)


def words_of(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> str:
    """An answer's ids as text."""
    return readable(tokenizer, ids).strip()


def readable(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> str:
    """Text without the character 0, which means nothing to a reader and which databases refuse."""
    return cast(str, tokenizer.decode(list(ids), skip_special_tokens=True)).replace("\x00", "")


def ends(model: nn.Module, tokenizer: PreTrainedTokenizerBase) -> set[int]:
    """Tokens that end an answer."""
    found = getattr(getattr(model, "generation_config", None), "eos_token_id", None)
    ids = found if isinstance(found, list) else [found]
    return {int(i) for i in [*ids, tokenizer.eos_token_id] if i is not None}


def generate(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[list[int]],
    max_new_tokens: int,
    progress: Callable[[int], None] | None = None,
) -> list[list[int]]:
    """The likeliest answer to each prompt, as token ids without the end token; like lengths share a batch."""
    answers: list[list[int]] = [[] for _ in prompts]
    done = 0
    for batch in _batches(prompts, max_new_tokens):
        for position, ids in zip(
            batch, _greedy(model, tokenizer, [prompts[i] for i in batch], max_new_tokens), strict=True
        ):
            answers[position] = ids
        done += len(batch)
        if progress:
            progress(done)
    return answers


def _batches(prompts: Sequence[list[int]], new: int) -> list[list[int]]:
    batches: list[list[int]] = [[]]
    for position in sorted(range(len(prompts)), key=lambda i: len(prompts[i])):
        rows = len(batches[-1]) + 1
        if batches[-1] and (rows > MOST_ROWS or rows * (len(prompts[position]) + new) > TOKENS_AT_ONCE):
            batches.append([])
        batches[-1].append(position)
    return [batch for batch in batches if batch]


@torch.inference_mode()
def _greedy(
    model: nn.Module, tokenizer: PreTrainedTokenizerBase, prompts: list[list[int]], most: int
) -> list[list[int]]:
    """Left-padded batch; rows that have ended leave it."""
    stop = ends(model, tokenizer)
    pad = tokenizer.pad_token_id or 0
    ids, mask = _left_padded(prompts, pad, _device(model))
    answers: list[list[int]] = [[] for _ in prompts]
    alive = list(range(len(prompts)))
    cache = DynamicCache()
    for step in range(most):
        places = (mask.cumsum(-1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        chosen = next_logits(model, ids, cache, attention_mask=mask, position_ids=places).argmax(-1)
        tokens = chosen.tolist()
        for row, token in enumerate(tokens):
            answers[alive[row]].append(token)
        keep = [row for row, token in enumerate(tokens) if token not in stop and not goes_round(answers[alive[row]])]
        if not keep or step == most - 1:
            break
        if len(keep) < len(alive):
            rows = torch.tensor(keep, device=chosen.device)
            cache.batch_select_indices(rows)
            chosen, mask, alive = chosen[rows], mask[rows], [alive[row] for row in keep]
        ids = chosen.unsqueeze(1)
        mask = torch.cat([mask, mask.new_ones(len(alive), 1)], dim=1)
    return [ids[:-1] if ids and ids[-1] in stop else ids for ids in answers]


def goes_round(tokens: Sequence[int]) -> bool:
    """Whether an answer only repeats its end, as small models sometimes do without ever stopping."""
    for period in range(1, LONGEST_ROUND + 1):
        times = max(3, -(-SHORTEST_ROUNDS // period))
        tail = tokens[-period * times :]
        if len(tail) == period * times and all(tail[i] == tail[i % period] for i in range(len(tail))):
            return True
    return False


def next_logits(model: nn.Module, ids: Tensor, cache: DynamicCache, **more: Tensor) -> Tensor:
    """Scores of the next token of each row; the cache grows by ids.

    The output layer gets a matrix, not a slice of three dimensions, for which torch would copy the layer per row.
    """
    inner = causal(model)
    hidden = inner.get_decoder()(input_ids=ids, past_key_values=cache, use_cache=True, **more).last_hidden_state
    return cast(Tensor, inner.get_output_embeddings()(hidden[:, -1].contiguous()))


def _left_padded(prompts: list[list[int]], pad: int, device: torch.device) -> tuple[Tensor, Tensor]:
    width = max(map(len, prompts))
    ids = torch.full((len(prompts), width), pad, dtype=torch.long)
    mask = torch.zeros(len(prompts), width, dtype=torch.long)
    for row, prompt in enumerate(prompts):
        ids[row, width - len(prompt) :] = torch.tensor(prompt)
        mask[row, width - len(prompt) :] = 1
    return ids.to(device), mask.to(device)


def stream(
    model: nn.Module, tokenizer: PreTrainedTokenizerBase, prompt: list[int], options: AnswerOptions
) -> Iterator[str]:
    """The answer to one prompt in pieces of whole characters, without a stop text that ended it."""
    return pieces(tokenizer, token_stream(model, tokenizer, prompt, options), options.stop)


def token_stream(
    model: nn.Module, tokenizer: PreTrainedTokenizerBase, prompt: list[int], options: AnswerOptions
) -> Iterator[int]:
    """The answer to one prompt, token by token, without the end token."""
    stop = ends(model, tokenizer)
    device = _device(model)
    chance = torch.Generator(device="cpu")
    chance.manual_seed(options.seed) if options.seed is not None else chance.seed()
    cache = DynamicCache()
    ids = torch.tensor([prompt], device=device)
    said: list[int] = []
    for _ in range(options.max_new_tokens):
        # Entered anew for each token: a generator must not hold a thread-wide mode while it waits.
        with torch.inference_mode():
            token = draw(next_logits(model, ids, cache)[0].float().cpu(), options, chance)
        if token in stop:
            return
        yield token
        said.append(token)
        if goes_round(said):
            return
        ids = torch.tensor([[token]], device=device)


def draw(logits: Tensor, options: AnswerOptions, chance: torch.Generator) -> int:
    """One token: the likeliest, or by chance among those that make up the first top_p of probability."""
    if options.temperature <= 0:
        return int(logits.argmax())
    shares, order = torch.softmax(logits / options.temperature, -1).sort(descending=True)
    shares[(shares.cumsum(-1) - shares) >= options.top_p] = 0
    return int(order[torch.multinomial(shares, 1, generator=chance)])


def pieces(tokenizer: PreTrainedTokenizerBase, tokens: Iterator[int], stop: Sequence[str] = ()) -> Iterator[str]:
    """Text as soon as it is certain: no half characters, nothing that may still become a stop text."""
    held: list[int] = []
    said, pending = "", ""
    for token in tokens:
        held.append(token)
        text = readable(tokenizer, held)
        if text.endswith("\ufffd"):
            continue
        pending += text[len(said) :]
        said = text
        cut = _first_stop(pending, stop)
        if cut is not None:
            if pending[:cut]:
                yield pending[:cut]
            return
        free = len(pending) - _may_begin(pending, stop)
        if free:
            yield pending[:free]
            pending = pending[free:]
    rest = readable(tokenizer, held)[len(said) :].rstrip("\ufffd")
    if pending + rest:
        cut = _first_stop(pending + rest, stop)
        yield (pending + rest)[:cut]


def _first_stop(text: str, stop: Sequence[str]) -> int | None:
    places = [place for place in (text.find(word) for word in stop if word) if place >= 0]
    return min(places, default=None)


def _may_begin(text: str, stop: Sequence[str]) -> int:
    """How many characters at the end may be the beginning of a stop text."""
    lengths = (n for word in stop for n in range(1, len(word)) if text.endswith(word[:n]))
    return max(lengths, default=0)


def _device(model: nn.Module) -> torch.device:
    return next(model.parameters()).device
