"""Every regular expression of the code base, found by looking: in module namespaces, in classes, and as literals."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from django.core.validators import RegexValidator

from projects.bounded import Short

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("studio", "projects", "training", "endpoints")
CALLS = {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
CALLED = re.compile(rf"\bre\s*\.\s*(?:{'|'.join(sorted(CALLS))})\b")


@dataclass(frozen=True)
class Found:
    """A pattern, where it stands, and how many characters it ever meets (None: any number)."""

    where: str
    pattern: re.Pattern[Any]
    most: int | None = None


def collect() -> tuple[list[Found], list[str]]:
    """All patterns, and the places where one is put together from what is known only while it runs."""
    found: dict[tuple[Any, int], Found] = {}
    unknown: list[str] = []
    for module in modules():
        most = getattr(module, "MEETS_AT_MOST", None)
        for name, pattern, own in objects(module):
            found.setdefault(_key(pattern), Found(f"{module.__name__}.{name}", pattern, own or most))
        for line, pattern in literals(module):
            if pattern is None:
                unknown.append(f"{module.__name__}:{line}")
            else:
                found.setdefault(_key(pattern), Found(f"{module.__name__}:{line}", pattern, most))
    return list(found.values()), unknown


def modules() -> Iterator[ModuleType]:
    for package in PACKAGES:
        yield importlib.import_module(package)
        for info in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            if not info.name.endswith("__main__") and ".migrations" not in info.name:
                yield importlib.import_module(info.name)


def objects(module: ModuleType) -> Iterator[tuple[str, re.Pattern[Any], int | None]]:
    for name, value in vars(module).items():
        yield from _within(name, value, module, 0)


def _within(name: str, value: Any, module: ModuleType, depth: int) -> Iterator[tuple[str, re.Pattern[Any], int | None]]:
    if isinstance(value, re.Pattern):
        yield name, value, None
    elif isinstance(value, Short):
        yield name, value.pattern, value.most
    elif isinstance(value, RegexValidator):
        yield name, value.regex, None
    elif depth > 4 or isinstance(value, str | bytes):
        return
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _within(f"{name}[{key!r}]", one, module, depth + 1)
    elif isinstance(value, list | tuple | set | frozenset):
        for place, one in enumerate(value):
            yield from _within(f"{name}[{place}]", one, module, depth + 1)
    elif isinstance(value, type) and value.__module__ == module.__name__:
        for key, one in vars(value).items():
            yield from _within(f"{name}.{key}", one, module, depth + 1)
        if hasattr(getattr(value, "_meta", None), "get_fields"):
            for field in value._meta.get_fields():
                yield from _within(f"{name}.{field.name}", getattr(field, "validators", []), module, depth + 1)
        for key, field in getattr(value, "base_fields", {}).items():
            yield from _within(f"{name}.{key}", field.validators, module, depth + 1)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _within(f"{name}.{field.name}", getattr(value, field.name, None), module, depth + 1)


def literals(module: ModuleType) -> Iterator[tuple[int, re.Pattern[Any] | None]]:
    """Patterns given to `re` where they are used. None for one whose parts are known only while it runs."""
    text = Path(str(module.__file__)).read_text(encoding="utf-8")
    if not CALLED.search(text):  # most modules: every process that collects the tests goes over all of them
        return
    tree = ast.parse(text)
    known = {**vars(module), **(_escaped(tree) if "escape" in text else {})}
    at_import = set(_at_import(tree))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.func.attr in CALLS):
            continue
        flags = next((one.value for one in node.keywords if one.arg == "flags"), _flags(node))
        pattern = _compiled(node.args[0], flags, known)
        if pattern is not None or node not in at_import:
            yield node.lineno, pattern


def _flags(node: ast.Call) -> ast.expr | None:
    place = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(node.func.attr, 2)  # type: ignore[attr-defined]
    return node.args[place] if len(node.args) > place else None


def _at_import(tree: ast.Module) -> Iterator[ast.AST]:
    """What runs when a module is loaded: what it compiles then stands in its namespace."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    waiting: list[ast.AST] = [node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
    while waiting:
        for node in ast.walk(waiting.pop()):
            yield node
            if isinstance(node, ast.Name) and node.id in functions:
                waiting.append(functions.pop(node.id))


def _escaped(tree: ast.AST) -> dict[str, str]:
    """Local names that hold text made harmless by re.escape: whatever it is, to a pattern it is plain letters."""
    return {
        target.id: ","
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and any(map(_escapes, ast.walk(node.value)))
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _escapes(node: ast.AST) -> bool:
    """Whether this is a call of `re.escape`."""
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "re.escape"


def _compiled(source: ast.expr, flags: ast.expr | None, known: dict[str, Any]) -> re.Pattern[Any] | None:
    try:
        text = eval(ast.unparse(source), dict(known))
        flag = eval(ast.unparse(flags), dict(known)) if flags else 0
    except NameError:
        return None
    return text if isinstance(text, re.Pattern) else re.compile(text, flag)


def _key(pattern: re.Pattern[Any]) -> tuple[Any, int]:
    return pattern.pattern, pattern.flags
