"""The folders of the house, and those that docs/map.md explains."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Folders whose rooms need no sentence of their own in the map.
MIRRORS = ("templates", "static", "locale", "tests", "docs", "studio/management")
UNSAID = re.compile(r"(^|/)(migrations|samples)$")


def folders() -> set[str]:
    """The folders that hold files under version control, or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = {str(Path(line).parent) for line in listed.stdout.splitlines() if (ROOT / line).exists()}
    tops = {next((top for top in MIRRORS if (name + "/").startswith(top + "/")), name) for name in names}
    return {name for name in tops if name != "." and not UNSAID.search(name)}


def explained() -> set[str]:
    """The folders that the map has a line for."""
    return set(re.findall(r"^\| `([^`]+)/` \|", (ROOT / "docs" / "map.md").read_text(encoding="utf-8"), re.M))
