"""How fast the training loop is beside a plain Trainer with peft, on the same rows, model and adapter, in processor time.

OMP_NUM_THREADS=1 python tests/benchmarks/chat_speed.py
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

import torch  # noqa: E402
from peft import LoraConfig, get_peft_model  # noqa: E402
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments  # noqa: E402

from tests.benchmarks.chat_data import dataset  # noqa: E402
from training.ml.__main__ import MODELS  # noqa: E402
from training.ml.batches import Example, schedule  # noqa: E402
from training.ml.chat.learner import ChatLearner  # noqa: E402
from training.ml.chat.rows import Encoder, read_rows  # noqa: E402
from training.ml.config import TrainConfig  # noqa: E402
from training.ml.hardware import hardware  # noqa: E402
from training.ml.loop import train  # noqa: E402
from training.ml.lora import add_adapter, load_base  # noqa: E402

CONFIG = TrainConfig(epochs=1, validations=0)


def plain(examples: list[Example], base: Path, work: Path) -> float:
    """Seconds of the usual recipe: float32, batches of eight as they come, padded, loss on the answer, SDPA."""
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    lora = LoraConfig(r=CONFIG.rank, lora_alpha=CONFIG.alpha, target_modules=list(CONFIG.layers), task_type="CAUSAL_LM")
    arguments = TrainingArguments(
        output_dir=str(work), per_device_train_batch_size=8, num_train_epochs=1, learning_rate=2e-4,
        report_to=[], save_strategy="no", logging_strategy="no", use_cpu=not torch.cuda.is_available(),
        disable_tqdm=True,
    )  # fmt: skip
    rows = [{"ids": example.ids, "prompt": example.prompt} for example in examples]
    trainer = Trainer(get_peft_model(model, lora), arguments, train_dataset=rows, data_collator=_padded)  # type: ignore[arg-type]
    arguments.remove_unused_columns = False
    began = time.process_time()
    trainer.train()
    return time.process_time() - began


def _padded(rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
    width = max(len(row["ids"]) for row in rows)
    ids, labels = torch.full((len(rows), width), 2), torch.full((len(rows), width), -100)
    mask = torch.zeros(len(rows), width, dtype=torch.long)
    for i, row in enumerate(rows):
        found = torch.tensor(row["ids"])
        ids[i, : len(found)], mask[i, : len(found)] = found, 1
        labels[i, row["prompt"] : len(found)] = found[row["prompt"] :]
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def ours(examples: list[Example], base: Path, work: Path) -> float:
    """Seconds of the loop in training/ml."""
    model = add_adapter(load_base(base, hardware()), CONFIG)
    learner = ChatLearner(model.train(), AutoTokenizer.from_pretrained(base), examples, [])
    steps = schedule([len(example) for example in examples], CONFIG.tokens_per_step, 0, 1, None)
    began = time.process_time()
    train(learner, steps, CONFIG, work / "checkpoints")
    return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=48)
    parser.add_argument("--base", type=Path, default=MODELS / "smollm2-135m-instruct")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        rows = read_rows(dataset("bitext_long", Path(place)) / "train.jsonl")
        chosen = random.Random(0).sample(rows, asked.rows)
        encoder = Encoder(AutoTokenizer.from_pretrained(asked.base), "You are a helpful support assistant.", 640)
        examples = [encoder.example(row, []) for row in chosen]
        tokens = sum(map(len, examples))
        fast, slow = ours(examples, asked.base, Path(place)), plain(examples, asked.base, Path(place))
    print(f"{len(examples)} rows, {tokens} tokens, {torch.get_num_threads()} threads")
    print(f"| Trainer and peft, float32 | {tokens / slow:.0f} tokens/s | 1.00 |")
    print(f"| training/ml | {tokens / fast:.0f} tokens/s | {slow / fast:.2f} |")


if __name__ == "__main__":
    main()
