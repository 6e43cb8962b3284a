"""A Llama-family GGUF file into bfloat16 safetensors with config and tokenizer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gguf import GGUFReader
from gguf.quants import dequantize
from numpy.typing import NDArray
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

NAMES = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
WHOLE = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
CONTROL = 3


def convert(source: Path, folder: Path) -> None:
    """Write model.safetensors, config.json and the tokenizer's files."""
    reader = GGUFReader(source)
    about = {name: field.contents() for name, field in reader.fields.items()}
    _write_weights(reader, about, folder / "model.safetensors")
    tied = not any(tensor.name == "output.weight" for tensor in reader.tensors)
    (folder / "config.json").write_text(json.dumps(_config(about, tied), indent=1))
    _write_tokenizer(about, folder)


def _write_weights(reader: GGUFReader, about: dict[str, Any], target: Path) -> None:
    heads = about["llama.attention.head_count"]
    groups = about["llama.attention.head_count_kv"]
    weights: dict[str, torch.Tensor] = {}
    for tensor in reader.tensors:
        if tensor.name == "rope_freqs.weight":
            continue
        values = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        if ".attn_q." in tensor.name:
            values = _unpermute(values, heads)
        if ".attn_k." in tensor.name:
            values = _unpermute(values, groups)
        weights[_name(tensor.name)] = torch.from_numpy(np.ascontiguousarray(values)).to(torch.bfloat16)
    save_file(weights, target, metadata={"format": "pt"})


def _name(name: str) -> str:
    """blk.3.attn_q.weight is model.layers.3.self_attn.q_proj.weight."""
    parts = name.split(".")
    if parts[0] == "blk":
        return f"model.layers.{parts[1]}.{NAMES[parts[2]]}.{parts[3]}"
    return f"{WHOLE[parts[0]]}.{parts[1]}"


def _unpermute(values: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """GGUF keeps the two halves of rotary pairs interleaved; transformers keeps them apart."""
    rows, columns = values.shape
    return values.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def _config(about: dict[str, Any], tied: bool) -> dict[str, Any]:
    hidden, heads = about["llama.embedding_length"], about["llama.attention.head_count"]
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": hidden,
        "intermediate_size": about["llama.feed_forward_length"],
        "num_hidden_layers": about["llama.block_count"],
        "num_attention_heads": heads,
        "num_key_value_heads": about["llama.attention.head_count_kv"],
        "head_dim": hidden // heads,
        "max_position_embeddings": about["llama.context_length"],
        "rms_norm_eps": float(about["llama.attention.layer_norm_rms_epsilon"]),
        "rope_theta": float(about.get("llama.rope.freq_base", 10000.0)),
        "vocab_size": len(about["tokenizer.ggml.tokens"]),
        "bos_token_id": about["tokenizer.ggml.bos_token_id"],
        "eos_token_id": about["tokenizer.ggml.eos_token_id"],
        "pad_token_id": about.get("tokenizer.ggml.padding_token_id", about["tokenizer.ggml.eos_token_id"]),
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": tied,
        "dtype": "bfloat16",
    }


def _write_tokenizer(about: dict[str, Any], folder: Path) -> None:
    """Byte-level BPE; the smollm kind reads digits one by one."""
    tokens: list[str] = about["tokenizer.ggml.tokens"]
    merges = [tuple(merge.split(" ", 1)) for merge in about["tokenizer.ggml.merges"]]
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=merges))
    digits = [pre_tokenizers.Digits(individual_digits=True)] if about["tokenizer.ggml.pre"] == "smollm" else []
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*digits, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    kinds = about["tokenizer.ggml.token_type"]
    special = [token for token, kind in zip(tokens, kinds, strict=True) if kind == CONTROL]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(_tokenizer_config(about, tokens), indent=1))


def _tokenizer_config(about: dict[str, Any], tokens: list[str]) -> dict[str, Any]:
    end = tokens[about["tokenizer.ggml.eos_token_id"]]
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": tokens[about["tokenizer.ggml.bos_token_id"]],
        "eos_token": end,
        "pad_token": tokens[about.get("tokenizer.ggml.padding_token_id", about["tokenizer.ggml.eos_token_id"])],
        "unk_token": "<|endoftext|>",
        "chat_template": about["tokenizer.chat_template"],
        "model_max_length": about["llama.context_length"],
        "clean_up_tokenization_spaces": False,
    }
