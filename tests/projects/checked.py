"""What `quickstart --check` says of a file: the door through which tests of reading and mapping go."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command


def checked(usecase: str, file: Path, *words: str) -> dict[str, Any]:
    """The printed object, with the exit status beside it."""
    out, status = io.StringIO(), 0
    try:
        call_command("quickstart", usecase, str(file), "--check", "--json", *words, stdout=out)
    except CommandError as error:
        status = error.returncode
    return {**json.loads(out.getvalue()), "status": status}


def column(found: dict[str, Any], role: str) -> str:
    return (found["mapping"].get(role) or {}).get("column", "")
