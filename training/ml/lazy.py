"""Names of a package that are looked up when first used, so that its light parts come without torch."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping


def names(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """A package's `__getattr__`. HOMES: name → the module that has it, within the package or (with a dot) anywhere."""

    def look_up(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home = homes[name]
        return getattr(importlib.import_module(home if "." in home else f"{package}.{home}"), name)

    return look_up
