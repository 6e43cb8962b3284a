"""Some of many, by chance and yet always the same ones. No torch here."""

from __future__ import annotations

import random
from typing import TypeVar

Thing = TypeVar("Thing")


def sample(things: list[Thing], most: int, seed: int) -> list[Thing]:
    """So many of them by chance, in their own order; always the same ones for a seed."""
    if len(things) <= most:
        return things
    chance = random.Random(f"{seed}/sample")
    return [things[i] for i in sorted(chance.sample(range(len(things)), most))]
