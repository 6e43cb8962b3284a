"""Finds plug-in modules by listing their package: adding one is adding a file, and there is no list to edit."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType


@cache
def modules(package: str) -> tuple[ModuleType, ...]:
    """The modules of a package in the order of their names; names that start with an underscore are left out."""
    home = importlib.import_module(package)
    names = sorted(info.name for info in pkgutil.iter_modules(home.__path__) if not info.name.startswith("_"))
    return tuple(importlib.import_module(f"{package}.{name}") for name in names)


def objects(package: str, attribute: str) -> list[object]:
    """The object called ATTRIBUTE of each module that has one."""
    return [getattr(module, attribute) for module in modules(package) if hasattr(module, attribute)]
