"""Where tests keep their state, said before Django reads its settings: pytest loads this first (`-p tests.home`)."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

# Apart from a studio that runs on the same machine, and from other checkouts' tests.
ROOT = Path(__file__).resolve().parent.parent
PLACE = Path(tempfile.gettempdir()) / f"atelier-tests-{os.getuid()}" / str(ROOT).strip("/").replace("/", "-")
os.environ.setdefault("ATELIER_HOME", str(PLACE))
os.environ.setdefault("ATELIER_MODELS", str(ROOT / "var" / "models"))

# Two workers of pytest on one Redis would clear each other's counters, so each has a database of its own.
if os.environ.get("REDIS_URL") and os.environ.get("PYTEST_XDIST_WORKER"):
    number = os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw")
    os.environ["REDIS_URL"] = os.environ["REDIS_URL"].rsplit("/", 1)[0] + f"/{number}"
