"""What programs send, as JSON that can be stored and sent on."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.parser import Parser
from ninja.types import DictStrAny

from projects import json_text


class Body(Parser):
    """Strict JSON: no NaN, no Infinity, and what is no whole character comes in as a question mark."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        return json_text.read(request.body)  # type: ignore[no-any-return]
