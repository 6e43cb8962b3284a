"""Chat models write text: a base model and its adapters, which the scheduler lets answer many at once."""

from __future__ import annotations

from endpoints.engine.families import Served

ENGINE = Served()
