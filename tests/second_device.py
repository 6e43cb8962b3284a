"""A second device on a machine that has none: tensors that say they lie elsewhere, refuse to be mixed and do their sums here.

Its rules are those of CUDA: tensors of two devices meet in no operation, except that a single number may come from the
CPU and that rows may be chosen by indices from there; an array is made of a tensor only after it was brought back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any
from unittest import mock

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode, return_and_correct_aliasing
from torch.utils._pytree import tree_flatten, tree_map
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

NAME = "elsewhere"
MOVES = ("aten::_to_copy", "aten::copy_", "aten::_copy_from", "aten::_copy_from_and_resize")
CHOOSING = ("aten::index", "aten::index_put", "aten::index_put_", "aten::_unsafe_index")


class Elsewhere(Tensor):
    """A tensor of the second device; its numbers are in `here`."""

    here: Tensor

    @staticmethod
    def __new__(cls, here: Tensor) -> Elsewhere:
        made = Tensor._make_wrapper_subclass(  # type: ignore[attr-defined]
            cls,
            here.size(),
            strides=here.stride(),
            storage_offset=here.storage_offset(),
            dtype=here.dtype,
            device=f"{NAME}:0",
            requires_grad=False,
        )
        made.here = here
        return made

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _compute(func, args, kwargs or {})

    def tolist(self) -> Any:
        return self.here.tolist()

    def untyped_storage(self) -> Any:
        return self.here.untyped_storage()

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        return f"Elsewhere({self.here!r})"


class _Factories(TorchDispatchMode):
    """Sees what is made out of nothing on the second device, and what is moved to it."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _compute(func, args, kwargs or {})


class _Lists(TorchFunctionMode):
    """Lists become a tensor on the CPU first, where C++ would look for the memory of the other device."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func in (torch.tensor, torch.as_tensor) and _is_elsewhere(kwargs.get("device")):
            return func(*args, **{**kwargs, "device": "cpu"}).to(NAME)
        return func(*args, **kwargs)


@contextmanager
def present() -> Iterator[str]:
    """The name of a device that is there as long as the block lasts."""
    _register()
    # Inference mode hands composite operations over whole, with devices in places that differ; without gradients is enough.
    calm = mock.patch("torch._C._InferenceMode", lambda wanted: torch.no_grad() if wanted else nullcontext())
    with calm, _Lists(), _Factories():
        yield NAME


@cache
def _register() -> None:
    _setup_privateuseone_for_python_backend(NAME)


def _is_elsewhere(device: Any) -> bool:
    return device is not None and torch.device(device).type == NAME


def _compute(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    name, target = func._schema.name, kwargs.get("device")
    tensors = [value for value in tree_flatten((args, kwargs))[0] if isinstance(value, Tensor)]
    away = any(isinstance(tensor, Elsewhere) for tensor in tensors)
    if away and name not in MOVES:
        _refuse_mixing(name, args, kwargs, tensors)
    inner_kwargs = {**kwargs, "device": "cpu"} if _is_elsewhere(target) else kwargs
    results = func(*tree_map(_here, args), **tree_map(_here, inner_kwargs))
    if name in ("aten::copy_", "aten::_copy_from"):
        return args[0] if name == "aten::copy_" else args[1]
    stays = away if target is None else _is_elsewhere(target)
    if not stays:
        return results
    wrapped = tree_map(lambda value: Elsewhere(value) if isinstance(value, Tensor) else value, results)
    return return_and_correct_aliasing(func, args, kwargs, wrapped) if away else wrapped


def _here(value: Any) -> Any:
    return value.here if isinstance(value, Elsewhere) else value


def _refuse_mixing(name: str, args: Any, kwargs: dict[str, Any], tensors: list[Tensor]) -> None:
    if name in CHOOSING:
        tensors = [value for value in tree_flatten((args[:1], args[2:]))[0] if isinstance(value, Tensor)]
    left = [tensor for tensor in tensors if not isinstance(tensor, Elsewhere) and tensor.dim()]
    if left or isinstance(kwargs.get("generator"), torch.Generator):
        shapes = [tuple(tensor.shape) for tensor in left] or "a generator"
        raise RuntimeError(f"Expected all tensors on one device, but {name} found {shapes} on the CPU")
