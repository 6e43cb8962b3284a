"""What programs send, as JSON that can be stored and sent on."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser
from ninja.types import DictStrAny


class Body(Parser):
    """Strict JSON: no NaN, no Infinity, and what is no whole character comes in as a question mark."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        data: Any = json.loads(request.body, parse_constant=_refused)
        if b"\\ud" in request.body.lower():  # half a pair of surrogates fits into no database and no UTF-8
            data = json.loads(json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"))
        return data  # type: ignore[no-any-return]


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is no number in JSON")
