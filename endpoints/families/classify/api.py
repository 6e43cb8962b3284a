"""POST /v1/classify: labels for up to a thousand texts, with the keys, limits and errors of the chat completions."""

from __future__ import annotations

from collections.abc import Sequence

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from endpoints import api as gate
from endpoints import chat, metering, serving, tallies, tokens
from endpoints.api_errors import Refusal
from endpoints.bodies import FieldWarning, with_warnings
from endpoints.completion import Flag
from endpoints.families.classify import correcting as right
from endpoints.families.classify import labelling
from endpoints.families.classify.labelling import Outcome, Terms
from endpoints.models import Endpoint

MOST_TEXTS = 1000
MOST_EXPLAINED = 100
MOST_OF_A_PAGE, MOST_EXPLAINED_TO_A_PAGE = 10, 1
"""What a visitor's browser may ask at once: its limit counts requests, so a request must stay small."""
LONGEST_TEXT = 20_000
router = Router()


class Texts(Schema):
    """Texts to be labelled."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())
    model: str = Field(description="The classifier's address, as GET /v1/models lists it.")
    input: str | list[str] = Field(description=f"A text, or up to {MOST_TEXTS:,} of them.")
    explain: Flag = Field(
        False, description=f"With the words that decided, for up to {MOST_EXPLAINED} texts. It takes longer."
    )

    def texts(self) -> list[str]:
        given = [self.input] if isinstance(self.input, str) else self.input
        return [text.replace("\x00", "") for text in given]


class Word(Schema):
    text: str
    start: int = Field(description="Where it begins in the text, in characters.")
    end: int
    weight: float = Field(description="Its share in the decision; the strongest word has 1.")


class Labelled(Schema):
    """One text with its label."""

    index: int
    label: str = Field(description="The likeliest label; several joined by commas where several fit.")
    score: float = Field(description="Calibrated probability of the label, from 0 to 1.")
    level: str = Field(description="sure, likely, or unsure: below the owner's threshold or like nothing it learned.")
    scores: dict[str, float] = Field(description="The likeliest labels with their probabilities, best first.")
    labels: list[str] | None = Field(None, description="Every label that fits, where several can.")
    out_of_scope: bool = Field(description="True where the text looks like none of the labels.")
    needs_person: bool | None = Field(None, description="Of triage: true where a person has to look at it.")
    words: list[Word] | None = Field(None, description="The words that decided, with explain.")


class Used(Schema):
    prompt_tokens: int
    total_tokens: int


class Answer(Schema):
    model_config = ConfigDict(protected_namespaces=())
    object: str
    model: str
    data: list[Labelled]
    usage: Used
    warnings: list[FieldWarning] | None = None


@router.post("/v1/classify", auth=gate.Key(), tags=["classifiers"], summary="Label texts", response=Answer)
async def classify(request: HttpRequest, body: Texts) -> HttpResponse:
    caller: gate.Caller = request.auth  # type: ignore[attr-defined]
    endpoint = await gate.opened(caller, body.model)
    left = await gate.allowance(caller, endpoint)
    if left.exceeded:
        raise gate.too_many(left)
    texts = checked(body, from_a_page=caller.key is None)
    _deployment, knowing = await sync_to_async(chat.of_endpoint)(endpoint)
    if knowing.family != "classify":
        text = _("“%(name)s” gives no labels. POST /v1/chat/completions asks it.") % {"name": endpoint.slug}
        raise Refusal(400, "not_a_classifier", text)
    rows = await serving.classify(
        knowing.model, texts, folder=knowing.folder, explain=body.explain, answers_with=knowing.answers_with
    )
    rows = await sync_to_async(right.put_right)(endpoint.project_id, texts, rows)
    terms = labelling.terms(knowing, endpoint.threshold)
    found = [labelling.judge(text, row, terms) for text, row in zip(texts, rows, strict=True)]
    used = await tokens.count(knowing.base, texts)
    await sync_to_async(count)(endpoint, caller, found, used)
    data = [labelled(index, one, body.explain, terms) for index, one in enumerate(found)]
    usage = {"prompt_tokens": used, "total_tokens": used}
    answer = {"object": "list", "model": endpoint.slug, "data": data, "usage": usage}
    return gate.stamped(request, JsonResponse(with_warnings(answer, request, body)), left)


def checked(body: Texts, from_a_page: bool = False) -> list[str]:
    texts = body.texts()
    plain, explained = (MOST_OF_A_PAGE, MOST_EXPLAINED_TO_A_PAGE) if from_a_page else (MOST_TEXTS, MOST_EXPLAINED)
    most = explained if body.explain else plain
    if not 0 < len(texts) <= most:
        raise _bad(_("“input” takes 1 to %(most)s texts here, not %(count)s."), most=most, count=len(texts))
    for index, text in enumerate(texts):
        if not text.strip():
            raise _bad(_("Text %(index)s of “input” is empty."), index=index)
        if len(text) > LONGEST_TEXT:
            raise _bad(
                _("Text %(index)s of “input” has more than %(most)s characters."), index=index, most=LONGEST_TEXT
            )
    return texts


def _bad(sentence: str, **values: int) -> Refusal:
    return Refusal(400, "invalid_value", sentence % values, param="input")


def labelled(index: int, one: Outcome, explain: bool, terms: Terms) -> dict[str, object]:
    found: dict[str, object] = {
        "index": index,
        "label": one.label,
        "score": round(one.score, 6),
        "level": one.level,
        "scores": {name: round(share, 6) for name, share in one.scores},
        "out_of_scope": one.out_of_scope,
    }
    if terms.multi:
        found["labels"] = one.labels
    if labelling.triages(terms.use_case):
        found["needs_person"] = one.needs_person
    if explain:
        found["words"] = words(one.pieces)
    return found


def words(pieces: Sequence[tuple[str, float]]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    place = 0
    for text, weight in pieces:
        if weight > 0:
            found.append({"text": text, "start": place, "end": place + len(text), "weight": weight})
        place += len(text)
    return found


def count(endpoint: Endpoint, caller: gate.Caller, found: Sequence[Outcome], used: int) -> None:
    """What was used, for the limits and for the trends."""
    unsure = sum(one.level == "unsure" for one in found)
    spent = metering.Used(used, answers=len(found), unsure=unsure)
    metering.record(endpoint.pk, caller.key.pk if caller.key else None, spent)
    tallies.record(endpoint.pk, tallies.of_outcomes(found))
