"""The map of the house in README: every file with the first line of its own description. `python -m tests.house` draws it."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- house -->", "<!-- /house -->"
FOLDERS = (
    "studio",
    "projects",
    "training",
    "endpoints",
    "templates",
    "static",
    "tests",
    "docker",
    "docs",
    ".ci",
    "locale",
)
SKIPPED = re.compile(r"/migrations/|/vendor/.*/|__init__\.py$|\.(woff2|svg|png|csv|mo)$|^templates/django/")


def files() -> list[str]:
    """The files under version control, and those about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *FOLDERS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted(
        line for line in set(listed.stdout.splitlines()) if not SKIPPED.search(line) and (ROOT / line).exists()
    )


def about(path: Path) -> str:
    """The first sentence of a file about itself."""
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".py":
        return first(ast.get_docstring(ast.parse(text)) or "")
    found = {
        ".html": r"{%\s*comment\s*%}(.*?){%\s*endcomment\s*%}|{% block title %}(.*?){% endblock %}",
        ".css": r"/\*(.*?)\*/",
        ".js": r"/\*(.*?)\*/|^//(.*?)$",
        ".md": r"^# (.*?)$",
        "": r"^# (.*?)$",
    }.get(path.suffix, r"^#\s*(.*?)$")
    match = re.search(found, text, re.S | re.M)
    said = next((group for group in match.groups() if group), "") if match else ""
    said = re.sub(r'{%\s*translate\s+["\'](.*?)["\']\s*%}', r"\1", said)
    return first(re.sub(r"{%.*?%}|{{.*?}}|\s*·.*$", "", said))


def first(text: str) -> str:
    line = " ".join(text.split("\n\n")[0].split())
    return re.split(r"(?<=[a-z\d)`'\"])[.:](?:\s|$)", line)[0].strip()


def drawn() -> str:
    lines, folder = [BEGIN], ""
    for name in files():
        here = str(Path(name).parent)
        if here != folder:
            folder = here
            init = ROOT / here / "__init__.py"
            said = about(init) if init.exists() else ""
            lines += ["", f"**`{here}/`**" + (f" {said}" if said else ""), ""]
        said = about(ROOT / name)
        lines.append(f"- `{Path(name).name}`" + (f" {said}" if said else ""))
    return "\n".join([*lines, "", END])


def current() -> str:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return readme[readme.index(BEGIN) : readme.index(END) + len(END)]


if __name__ == "__main__":
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (ROOT / "README.md").write_text(readme.replace(current(), drawn()), encoding="utf-8")
