"""What can be set for the engine, and what it is when nobody sets it. The site checks these too, before anything starts."""

from __future__ import annotations

import re

NUMBERS = {
    "ENGINE_MOST_ADAPTERS": (8, "adapters kept in memory"),
    "ENGINE_MOST_MODELS": (4, "classifiers and recommenders kept in memory"),
    "ENGINE_SLOTS": (4, "answers written at the same time, a token of each in turn"),
    "ENGINE_QUEUE": (64, "requests that may wait"),
    "ENGINE_PER_CLIENT": (16, "requests of one client that may wait"),
    "ENGINE_CONTEXT": (4096, "longest conversation in tokens, where the base could take more"),
}
DEVICE = re.compile(r"(?:cpu|cuda|mps|xpu|hpu|npu|mtia|elsewhere)(?::\d{1,3})?")
"""Where torch can compute. The last name is the tests' second device."""
