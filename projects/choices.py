"""What a person chose about a dataset, as its row keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Choices = Mapping[str, Any]
"""Flag → mask, keep or drop; and by the names of their questions what was chosen of single labels, contacts and rows."""
