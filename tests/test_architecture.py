"""The shape of the house, held by tests: arrows point one way, the web process stays light, functions stay small."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("projects", "training", "endpoints", "studio")
# Who may import whom, besides itself.
ARROWS = {
    "projects": set(),
    "training": {"projects"},
    "endpoints": {"projects", "training"},
    "studio": {"projects", "training", "endpoints"},
}
HEAVY = ("torch", "transformers", "peft")
LONGEST = 60
# Programs call these with a key of their own and no cookie.
MAY_SKIP_CSRF = {"endpoints"}


def files() -> list[Path]:
    found = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts]


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(node: ast.AST, module: str, is_package: bool) -> list[str]:
    """Names a statement imports; for `from a import b` both a and a.b, since b may be a module."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    base = node.module or ""
    if node.level:
        home = module.split(".")[: None if is_package and node.level == 1 else -(node.level - is_package)]
        base = ".".join([*home, *([base] if base else [])])
    return [base, *(f"{base}.{alias.name}" for alias in node.names)]


def imports(path: Path, *, whole: bool) -> set[str]:
    """What a module imports: everywhere in it, or only when it is loaded."""
    nodes = ast.walk(tree(path)) if whole else at_load(tree(path).body)
    package = path.name == "__init__.py"
    return {name for node in nodes for name in imported(node, name_of(path), package)}


def at_load(body: list[ast.stmt]) -> list[ast.stmt]:
    """Statements that run on import; what stands under TYPE_CHECKING or in functions does not."""
    found: list[ast.stmt] = []
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        found.append(node)
        for part in ("body", "orelse", "finalbody"):
            found += at_load(getattr(node, part, []))
        for handler in getattr(node, "handlers", []):
            found += at_load(handler.body)
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_it_points_its_arrows_one_way(package):
    wrong = []
    for path in files():
        if path.relative_to(ROOT).parts[0] != package:
            continue
        met = {name.split(".")[0] for name in imports(path, whole=True)} & set(PACKAGES)
        wrong += [f"{name_of(path)} imports {other}" for other in met - ARROWS[package] - {package}]
    assert not wrong, "\n".join(wrong)


def test_it_keeps_the_learning_free_of_the_site():
    wrong = []
    for path in sorted((ROOT / "training" / "ml").rglob("*.py")):
        for name in imports(path, whole=True):
            ours = name.split(".")[0] in PACKAGES and not (name + ".").startswith("training.ml.") and name != "training"
            if ours or name.split(".")[0] == "django":
                wrong.append(f"{name_of(path)} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_it_has_no_import_cycles():
    modules = {name_of(path): path for path in files()}
    graph = {}
    for name, path in modules.items():
        found = {one for one in imports(path, whole=False) if one in modules and one != name}
        # `from package import module` loads the package too, but a package may gather its own modules.
        graph[name] = {one for one in found if not name.startswith(one + ".")}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_it_keeps_the_web_process_light():
    code = "import sys, studio.asgi; from django.urls import get_resolver; get_resolver().url_patterns; " + (
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "studio.settings"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "", f"The web process loads {done.stdout}"


@pytest.mark.parametrize(
    "module", [f"training.ml.{name}" for name in ("knowledge", "prompts", "facts", "errors", "config")]
)
def test_it_can_use_the_light_parts_of_learning_without_torch(module):
    code = f"import sys, {module}; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def test_it_opens_every_module_with_a_docstring():
    wrong = [name_of(path) for path in files() if tree(path).body and not ast.get_docstring(tree(path))]
    assert not wrong, "\n".join(wrong)


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_it_keeps_functions_small():
    wrong = [
        f"{name_of(path)}.{one.name}: {one.end_lineno - one.lineno + 1} lines"
        for path in files()
        for one in functions(path)
        if one.end_lineno - one.lineno >= LONGEST
    ]
    assert not wrong, "\n".join(wrong)


def test_it_checks_every_form_for_forgery():
    wrong = [
        name_of(path)
        for path in files()
        if "csrf_exempt" in path.read_text(encoding="utf-8") and path.relative_to(ROOT).parts[0] not in MAY_SKIP_CSRF
    ]
    assert not wrong, "\n".join(wrong)


def test_it_runs_no_code_that_comes_with_a_model():
    wrong = [
        name_of(path)
        for path in files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.keyword) and node.arg == "trust_remote_code" and getattr(node.value, "value", 1) is True
    ]
    assert not wrong, "\n".join(wrong)


def test_it_leaves_no_unfinished_marks():
    marks = ("TO" + "DO", "FIX" + "ME", "X" * 3)
    wrong = [
        f"{name_of(path)}: {mark}"
        for path in files()
        for mark in marks
        if mark in path.read_text(encoding="utf-8").replace("_", " ").split()
    ]
    assert not wrong, "\n".join(wrong)
