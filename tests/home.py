"""Where tests keep their state, said before Django reads its settings: pytest loads this first (`-p tests.home`)."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tests.live import THREADS

# Apart from a studio that runs on the same machine, and from other checkouts' tests.
ROOT = Path(__file__).resolve().parent.parent
PLACE = Path(tempfile.gettempdir()) / f"atelier-tests-{os.getuid()}" / str(ROOT).strip("/").replace("/", "-")
os.environ.setdefault("ATELIER_HOME", str(PLACE))
os.environ.setdefault("ATELIER_MODELS", str(ROOT / "var" / "models"))

# Two workers of pytest share the cores, and matrices of tests are tiny: threads that wait for one another by spinning cost
# four times the processor time of the work. A studio that a test starts (`tests.live`) decides for itself, as in life.
for name in THREADS:
    os.environ.setdefault(name, "1")

# Two workers of pytest on one Redis would clear each other's counters, so each has a database of its own.
if os.environ.get("REDIS_URL") and os.environ.get("PYTEST_XDIST_WORKER"):
    number = os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw")
    os.environ["REDIS_URL"] = os.environ["REDIS_URL"].rsplit("/", 1)[0] + f"/{number}"
