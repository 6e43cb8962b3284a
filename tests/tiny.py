"""A Llama-family chat model, a sentence encoder and data so small that they are made in a second, with random weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SUBJECTS = ("order", "refund", "invoice", "parcel", "account", "password", "address", "voucher")
WORDS = ("Where is", "How do I change", "I cannot find", "Please cancel", "What about", "Tell me of")


def chat_model(folder: Path) -> Path:
    """A causal language model of a few thousand weights with a tokenizer of single bytes."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokens = _tokenizer(folder, {"chat_template": TEMPLATE})
    torch.manual_seed(7)
    config = LlamaConfig(
        hidden_size=48,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=6,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        vocab_size=tokens,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
        tie_word_embeddings=True,
        initializer_range=0.25,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def sentence_encoder(folder: Path) -> Path:
    """An encoder whose vectors are the same for the same text and different for others, and no more than that."""
    import torch
    from transformers import BertConfig, BertModel

    tokens = _tokenizer(folder, {"model_max_length": 256})
    torch.manual_seed(8)
    config = BertConfig(
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=512,
        vocab_size=tokens,
    )
    BertModel(config).save_pretrained(folder)
    return folder


def base_models(place: Path) -> Path:
    """A folder of tiny base models under the names of the real ones, as if they had been fetched."""
    chat_model(place / "smollm2-135m-instruct")
    sentence_encoder(place / "all-minilm-l6-v2")
    for folder in place.iterdir():
        (folder / "manifest.json").write_text(json.dumps({"slug": folder.name, "revision": "tiny"}))
    return place


def dataset(folder: Path, train: int = 24, held_out: int = 6) -> Path:
    """A dataset folder with questions about eight subjects, each subject with an answer of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    pairs = [(f"{WORDS[i % 6]} my {SUBJECTS[i % 8]} number {i}?", _answer(i)) for i in range(train + 2 * held_out)]
    write_part(folder / "train.jsonl", pairs[:train])
    write_part(folder / "validation.jsonl", pairs[train : train + held_out])
    write_part(folder / "test.jsonl", pairs[train + held_out :])
    return folder


FEELINGS = {
    "positive": ("love", "great", "lovely"),
    "negative": ("broken", "late", "rude"),
    "neutral": ("grey", "round", "plain"),
}


def labelled(folder: Path, train: int = 90, held_out: int = 30) -> Path:
    """A dataset folder with short texts of three labels, each told by words of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [_labelled(i) for i in range(train + 2 * held_out)]
    for name, part in (("train", rows[:train]), ("validation", rows[train:-held_out]), ("test", rows[-held_out:])):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in part))
    counts = {label: sum(row["labels"] == [label] for row in rows) for label in FEELINGS}
    (folder / "dataset.json").write_text(json.dumps({"labels": counts, "multi": False, "kept": len(rows)}))
    return folder


def _labelled(i: int) -> dict[str, Any]:
    label = [*FEELINGS][i % 3]
    words = FEELINGS[label]
    text = f"{WORDS[i % 6]} my {SUBJECTS[i % 8]} {i}: {words[i // 3 % 3]} and {words[(i // 3 + 1) % 3]}"
    return {"id": f"{i:016x}", "row": i, "text": text, "labels": [label]}


def write_part(file: Path, pairs: Sequence[tuple[str, str]]) -> None:
    """Questions and answers as a part of a dataset folder."""
    with file.open("w", encoding="utf-8") as lines:
        for row, (question, answer) in enumerate(pairs):
            messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
            line = {"id": f"{file.stem}{row:04d}", "row": row, "messages": messages}
            lines.write(json.dumps(line, ensure_ascii=False) + "\n")


def _answer(i: int) -> str:
    return f"Your {SUBJECTS[i % 8]} is ready. We are glad to help."


def _tokenizer(folder: Path, extra: dict[str, Any]) -> int:
    """Every byte is a token; returns how many tokens there are."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    folder.mkdir(parents=True, exist_ok=True)
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate([*SPECIAL, *letters])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    tokenizer.save(str(folder / "tokenizer.json"))
    about = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|im_end|>", "pad_token": "<|im_end|>"}
    about |= {"bos_token": "<|im_start|>", "unk_token": "<|endoftext|>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(about | extra))
    return len(vocabulary)
