"""What programs send, as JSON that can be stored and sent on."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema
from ninja.parser import Parser
from ninja.types import DictStrAny

from projects import json_text

MOST_WARNINGS = 20
# Fields about the account, the bill or the client: they ask nothing of the answer.
ABOUT_THE_CALL = frozenset({
    "metadata", "parallel_tool_calls", "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "service_tier",
    "store", "user",
})  # fmt: skip


class Body(Parser):
    """Strict JSON: no NaN, no Infinity, and what is no whole character comes in as a question mark."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        return json_text.read(request.body)  # type: ignore[no-any-return]


class FieldWarning(Schema):
    """A field of the request that changed nothing."""

    param: str
    message: str


def passed_over(given: Mapping[str, object], known: Collection[str]) -> list[dict[str, str]]:
    """The fields that a program sent and nothing here reads, as warnings of an answer: [{"param", "message"}]."""
    names = [name for name, value in given.items() if value is not None and name not in {*known, *ABOUT_THE_CALL}]
    text = _("This field is not known here and was passed over.")
    return [{"param": name[:80], "message": text} for name in names[:MOST_WARNINGS]]


def with_warnings(answer: Mapping[str, object], request: HttpRequest, body: Schema) -> dict[str, object]:
    """The answer to BODY, and what of the request it passes over, where there is something."""
    warnings = passed_over(json_text.read(request.body), type(body).model_fields)
    return {**answer, **({"warnings": warnings} if warnings else {})}
