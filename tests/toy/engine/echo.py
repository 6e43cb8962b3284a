"""It needs no engine."""

from __future__ import annotations

from endpoints.engine.families import Served

ENGINE = Served()
