"""The shape of the house, held by tests: arrows point one way, the web process stays light, functions stay small."""

from __future__ import annotations

import ast
import importlib
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from projects import discover

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
# Where each family has a room.
ROOMS = (
    "projects.families", "projects.views.families", "training.families", "endpoints.families",
    "endpoints.engine.families",
)  # fmt: skip
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


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All that stands in a file."""
    return tuple(ast.walk(tree(path)))


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
    statements = nodes(path) if whole else at_load(tree(path).body)
    package = path.name == "__init__.py"
    return {name for node in statements for name in imported(node, name_of(path), package)}


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


def rooms() -> dict[str, set[str]]:
    """Room → the rooms that it imports, in functions too. A folder is one room; a folder with folders in it is a hall,
    whose modules are rooms of their own."""
    modules = {name_of(path): path for path in files()}
    homes = {name: ".".join(path.relative_to(ROOT).parts[:-1]) for name, path in modules.items()}
    halls = {home for home in homes.values() if any(other.startswith(f"{home}.") for other in homes.values())}
    room = {name: name if home in halls else home for name, home in homes.items()}
    met: dict[str, set[str]] = {place: set() for place in room.values()}
    for name, path in modules.items():
        # `from package import module` loads the package too, but the packages at the top say nothing.
        names = (imports(path, whole=True) & modules.keys()) - set(PACKAGES)
        met[room[name]] |= {room[other] for other in names} - {room[name]}
    return met


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """Rooms that can be reached from each other."""

    @cache
    def reached(start: str) -> frozenset[str]:
        seen, left = set(), [start]
        while left:
            for room in graph[left.pop()] - seen:
                seen.add(room)
                left.append(room)
        return frozenset(seen)

    found = [{other for other in reached(room) if room in reached(other)} for room in graph if room in reached(room)]
    return [circle for place, circle in enumerate(found) if circle not in found[:place]]


# What reads a file still goes round: the types of a format stand where formats are found.
OPEN = [
    {"projects.conversations", "projects.encodings", "projects.formats", "projects.headers", "projects.source",
     "projects.values"},
    {"projects.dates", "projects.dates_at_once"},
]  # fmt: skip


def test_it_goes_in_no_circles():
    new = [" ⇄ ".join(sorted(circle)) for circle in circles(rooms()) if not any(circle <= known for known in OPEN)]
    assert not new, "\n".join(new)


def test_it_sees_a_circle_of_any_length():
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set(), "e": {"f"}, "f": {"e"}}
    assert circles(graph) == [{"a", "b", "c"}, {"e", "f"}]


def test_it_keeps_the_web_process_and_its_workers_light():
    """No process but those that learn and answer loads torch; workers know the API neither, nor the engine's client."""
    loaded = "print(*[name for name in {!r} if name in sys.modules], sep=', ')"
    code = "\n".join(
        [
            "import sys, studio; studio.celery_app.loader.import_default_modules()",
            loaded.format((*HEAVY, "ninja", "aiohttp")),
            "import studio.asgi; from django.urls import get_resolver; get_resolver().url_patterns",
            loaded.format(HEAVY),
        ]
    )
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "studio.settings", "CELERY_SKIP_CHECKS": "1"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["", ""], done.stdout


def test_it_can_use_the_light_parts_of_learning_without_torch():
    light = [f"training.ml.{name}" for name in ("knowledge", "prompts", "facts", "errors", "config")]
    code = (
        f"import sys, importlib\nfor name in {light!r}:\n    importlib.import_module(name)\n"
        f"    print(*[name + ' loads ' + one for one in {HEAVY!r} if one in sys.modules], end='')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


def test_it_opens_every_module_with_a_docstring():
    wrong = [name_of(path) for path in files() if tree(path).body and not ast.get_docstring(tree(path))]
    assert not wrong, "\n".join(wrong)


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in nodes(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


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


FAMILIES = frozenset(path.name for path in (ROOT / "projects" / "families").iterdir() if path.is_dir()) - {
    "__pycache__"
}
# What names a family where code or a page could compare it.
NAMED = re.compile(r"\bfamily\b|\bcase\.slug\b|\buse_case\b|\busecase\b")
COMPARED = re.compile(rf"(?:{NAMED.pattern})[\w.|]*\s*(?:[!=]==?|(?:not\s+)?in\b)", re.IGNORECASE)


def of_a_family(path: Path) -> bool:
    """Whether a file lies in the room of a family, where its name may be said."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return any(
        part == "families" and parts[place + 1 : place + 2] != () and parts[place + 1] in FAMILIES
        for place, part in enumerate(parts)
    ) or (parts[:2] == ("training", "ml") and parts[2] in FAMILIES)


def said(node: ast.AST) -> set[str]:
    """The texts in an expression that stands on one side of a comparison."""
    return {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def compares(path: Path) -> list[int]:
    """Lines that compare the name of a family or of a use case with a text or a constant, or choose by it."""
    lines = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            named = [side for side in sides if NAMED.search(ast.unparse(side))]
            fixed = [side for side in sides if side not in named and (said(side) or ast.unparse(side).isupper())]
            if named and fixed:
                lines.append(node.lineno)
        elif isinstance(node, ast.Dict | ast.Set | ast.Tuple | ast.List):
            parts = node.keys if isinstance(node, ast.Dict) else node.elts
            if len(FAMILIES & {part.value for part in parts if isinstance(part, ast.Constant)}) > 1:
                lines.append(node.lineno)
        elif isinstance(node, ast.BoolOp) and NAMED.search(ast.unparse(node.values[0])):
            lines += [node.lineno] if said(node.values[-1]) & FAMILIES else []
    return lines


def test_it_asks_a_family_and_compares_no_name():
    wrong = [f"{name_of(path)}, line {line}" for path in files() if not of_a_family(path) for line in compares(path)]
    for path in [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static").rglob("*.js")]:
        if "vendor" not in path.parts and not of_a_family(path):
            lines = path.read_text(encoding="utf-8").splitlines()
            wrong += [f"{path.relative_to(ROOT)}, line {n}" for n, line in enumerate(lines, 1) if COMPARED.search(line)]
    assert not wrong, "\n".join(wrong)


def test_it_has_every_part_of_every_family():
    from endpoints.engine import families as engine
    from projects.usecases import all_use_cases
    from training.ml import families as learners

    rooms = {package: {module.__name__.rpartition(".")[2] for module in discover.modules(package)} for package in ROOMS}
    assert {package: sorted(names) for package, names in rooms.items() if names != FAMILIES} == {}
    assert set(engine.every()) == set(learners.every()) == FAMILIES
    assert {case.family for case in all_use_cases()} <= FAMILIES


@pytest.mark.parametrize("package", ["endpoints", "projects", "training"])
def test_it_does_not_start_with_a_family_that_lacks_a_part(package, tmp_path, monkeypatch):
    home = importlib.import_module(f"{package}.families")
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "__init__.py").write_text('"""A family without its object."""\n')
    monkeypatch.setattr(home, "__path__", [*home.__path__, str(tmp_path)])
    discover.modules.cache_clear()
    try:
        with pytest.raises(ImproperlyConfigured, match=f"{package}.families.half has no"):
            home.every.__wrapped__()
    finally:
        sys.modules.pop(f"{package}.families.half", None)
        discover.modules.cache_clear()
