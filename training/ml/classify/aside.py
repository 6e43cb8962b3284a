"""How many rows are put aside to choose by, where the data has too few of its own for that."""

from __future__ import annotations

import math

FEWEST_CHECKS = 20
"""With fewer validation rows than this a part of the training rows is kept back instead."""
KEPT_BACK = 0.15


def put_aside(train: int, checks: int) -> int:
    """How many of so many training rows, beside so many that validate; fewer where labels have only two rows."""
    enough = checks >= FEWEST_CHECKS or train < 2 * FEWEST_CHECKS
    return 0 if enough else math.ceil(KEPT_BACK * train)
