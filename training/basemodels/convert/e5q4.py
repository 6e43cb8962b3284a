"""A multilingual e5 encoder packed in four bits into bfloat16 safetensors with config and tokenizer."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

MAGIC = b"E5S1"
FLOAT, FOUR_BITS = 0, 1
BLOCK = np.dtype([("scale", "<f2"), ("packed", "u1", 16)])
EMBEDDINGS = {"word": "word_embeddings", "pos": "position_embeddings", "type": "token_type_embeddings"}
LAYERS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass
class _Head:
    """What stands before the weights."""

    shape: tuple[int, ...]
    epsilon: float
    pieces: list[tuple[str, float]]
    special: dict[str, int]
    tensors: list[tuple[str, int, int, int]]
    """Name, kind, number of values, place in the file."""


def convert(source: Path, folder: Path) -> None:
    """Write model.safetensors, config.json and the tokenizer's files."""
    data = source.read_bytes()
    head = _read_head(data)
    weights = {}
    for name, kind, count, place in head.tensors:
        values = _floats(data, count, place) if kind == FLOAT else _four_bits(data, count, place)
        weights[_name(name)] = torch.from_numpy(values.reshape(_shape(name, head, count))).to(torch.bfloat16)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(_config(head), indent=1))
    _write_tokenizer(head, folder)


class _Reader:
    """Numbers from bytes, one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data, self.place = data, 0

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{form}", self.data, self.place)
        self.place += struct.calcsize(f"<{form}")
        return values

    def raw(self, size: int) -> bytes:
        found = self.data[self.place : self.place + size]
        self.place += size
        return found


def _read_head(data: bytes) -> _Head:
    read = _Reader(data)
    if read.raw(4) != MAGIC:
        raise ValueError("These weights are not in the form that was expected.")
    read.take("i")
    shape = read.take("7i")
    epsilon, _ = read.take("fi")
    count, bos, eos, pad, unknown = read.take("5i")
    (size,) = read.take("Q")
    starts, scores = read.take(f"{count + 1}I"), read.take(f"{count}f")
    texts = read.raw(size)
    pieces = [(texts[starts[i] : starts[i + 1]].decode(), scores[i]) for i in range(count)]
    _, skipped = read.take("iI")
    read.raw(skipped)
    special = {"bos": bos, "eos": eos, "pad": pad, "unk": unknown}
    return _Head(shape, epsilon, pieces, special, _read_tensors(read))


def _read_tensors(read: _Reader) -> list[tuple[str, int, int, int]]:
    found = []
    for _ in range(read.take("i")[0]):
        name = read.raw(read.take("H")[0]).decode()
        kind, count, place, _ = read.take("BIQQ")
        found.append((name, kind, count, place))
    return found


def _floats(data: bytes, count: int, place: int) -> NDArray[np.float32]:
    return np.frombuffer(data, dtype="<f4", count=count, offset=place).astype(np.float32)


def _four_bits(data: bytes, count: int, place: int) -> NDArray[np.float32]:
    """Per 32 weights one scale; low halves of the bytes first, then the high halves, each less 8."""
    blocks = np.frombuffer(data, dtype=BLOCK, count=count // 32, offset=place)
    low, high = blocks["packed"] & 15, blocks["packed"] >> 4
    values = np.concatenate([low, high], axis=1).astype(np.float32) - 8
    result: NDArray[np.float32] = (values * blocks["scale"].astype(np.float32)[:, None]).ravel()
    return result


def _name(name: str) -> str:
    """emb.word and l3.aln.w by the names transformers gives them."""
    parts = name.split(".")
    end = "bias" if parts[-1] == "b" else "weight"
    if parts[0] == "emb":
        return f"embeddings.{EMBEDDINGS.get(parts[1], 'LayerNorm')}.{end}"
    return f"encoder.layer.{parts[0][1:]}.{LAYERS[parts[1]]}.{end}"


def _shape(name: str, head: _Head, count: int) -> tuple[int, ...]:
    hidden, _, _, wide, *_ = head.shape
    if name.endswith((".b", "ln.w")):
        return (count,)
    inner = {"fo": wide}.get(name.split(".")[1], hidden)
    return (count // inner, inner)


def _config(head: _Head) -> dict[str, Any]:
    hidden, layers, heads, wide, words, positions, types = head.shape
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": wide,
        "vocab_size": words,
        "max_position_embeddings": positions,
        "type_vocab_size": types,
        "layer_norm_eps": head.epsilon,
        "hidden_act": "gelu",
        "pad_token_id": 0,
        "dtype": "bfloat16",
    }


def _write_tokenizer(head: _Head, folder: Path) -> None:
    names = {role: head.pieces[i][0] for role, i in head.special.items()}
    tokenizer = Tokenizer(models.Unigram(head.pieces, unk_id=head.special["unk"], byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in names.values()])
    ends = [(names[role], head.special[role]) for role in ("bos", "eos")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{names['bos']} $A {names['eos']}", special_tokens=ends
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    about: dict[str, Any] = {f"{role}_token": name for role, name in names.items()}
    about |= {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": head.shape[5]}
    (folder / "tokenizer_config.json").write_text(json.dumps(about, indent=1))
