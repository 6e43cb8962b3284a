"""Finds plug-ins by listing their package: adding one is adding a file or a folder, and there is no list to edit."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")


class UnknownPart(ValueError):
    """A name for which a package has no folder."""

    def __init__(self, package: str, name: str) -> None:
        super().__init__(f"{package} has no folder called {name[:80]!r}.")


@cache
def modules(package: str) -> tuple[ModuleType, ...]:
    """The modules of a package in the order of their names; names that start with an underscore are left out."""
    home = importlib.import_module(package)
    names = sorted(info.name for info in pkgutil.iter_modules(home.__path__) if not info.name.startswith("_"))
    return tuple(importlib.import_module(f"{package}.{name}") for name in names)


def objects(package: str, attribute: str) -> list[object]:
    """The object called ATTRIBUTE of each module that has one."""
    return [getattr(module, attribute) for module in modules(package) if hasattr(module, attribute)]


def parts(package: str, attribute: str, kind: type[T]) -> dict[str, T]:
    """The one object of KIND that each room of a package has under the name ATTRIBUTE, by the room's name.

    A room that lacks it is not finished, and the process that met it does not start."""
    rooms = {module.__name__.rpartition(".")[2]: module for module in modules(package)}
    for module in rooms.values():
        if not isinstance(getattr(module, attribute, None), kind):
            raise ImproperlyConfigured(
                f"{module.__name__} has no {attribute} of {kind.__module__}.{kind.__qualname__}."
            )
    return {name: getattr(module, attribute) for name, module in rooms.items()}
