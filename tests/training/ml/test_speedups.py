"""The fast ways compute the same as the plain ones."""

from __future__ import annotations

import pytest
import torch

from training.ml.batches import Example, epoch_batches, schedule
from training.ml.chat.learner import ChatLearner
from training.ml.config import TrainConfig
from training.ml.hardware import Hardware
from training.ml.lora import add_adapter, load_base, trainable

PLAIN = Hardware("cpu", torch.float32, "test", 1, 0)
EXAMPLES = [Example(list(range(5, 5 + n)), n // 2) for n in (20, 31, 12)]


@pytest.fixture
def model(base):
    model = add_adapter(load_base(base, PLAIN), TrainConfig())
    for weight in trainable(model).values():
        torch.nn.init.normal_(weight, std=0.05)
    return model


def plain_loss(model, example: Example) -> torch.Tensor:
    """As transformers itself would: no padding, all scores, the usual loss."""
    logits = model(input_ids=torch.tensor([example.ids])).logits[0, example.prompt - 1 : -1]
    return torch.nn.functional.cross_entropy(logits, torch.tensor(example.ids[example.prompt :]), reduction="sum")


def test_it_has_the_same_loss_and_gradients_as_the_plain_way(model, base, monkeypatch) -> None:
    from peft.tuners.lora import Linear

    fast, counted = ChatLearner(model, _Pad(), EXAMPLES, []).loss([0, 1, 2])
    fast.backward()
    gradients = {name: weight.grad.clone() for name, weight in trainable(model).items()}
    model.zero_grad()
    for module in model.modules():
        if isinstance(module, Linear):
            module.__dict__.pop("forward", None)
    model.get_base_model().set_attn_implementation("eager")
    plain = sum(plain_loss(model, example) for example in EXAMPLES)
    plain.backward()
    assert counted == sum(len(example) - example.prompt for example in EXAMPLES)
    assert fast.item() == pytest.approx(plain.item(), rel=1e-5)
    for name, weight in trainable(model).items():
        assert torch.allclose(weight.grad, gradients[name], atol=1e-4, rtol=1e-3), name


def test_it_puts_every_example_in_one_batch_within_the_budget() -> None:
    lengths = [7, 50, 33, 8, 9, 31, 48]
    batches = epoch_batches(lengths, 100, seed=3, epoch=1)
    assert sorted(i for batch in batches for i in batch) == list(range(7))
    assert all(max(lengths[i] for i in batch) * len(batch) <= 100 for batch in batches)
    assert batches == epoch_batches(lengths, 100, seed=3, epoch=1) != epoch_batches(lengths, 100, seed=4, epoch=1)


def test_it_ends_the_schedule_at_the_token_budget() -> None:
    steps = schedule([10] * 20, tokens=40, seed=0, epochs=3, budget=205)
    assert len(steps) == 5
    assert schedule([500], tokens=40, seed=0, epochs=1, budget=10) == [[0]]


class _Pad:
    pad_token_id = 2
