"""POST /v1/recommend: things for a history, a sentence, both, or beside one thing; keys and limits as everywhere."""

from __future__ import annotations

from typing import Annotated

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from endpoints import api as gate
from endpoints import chat, correcting, metering, serving
from endpoints.api_errors import Refusal
from endpoints.bodies import FieldWarning, with_warnings
from endpoints.completion import or_default
from endpoints.events import Rules
from endpoints.families.recommend import catalogue
from endpoints.families.recommend.correcting import Wanted as Corrected
from training.ml.recommend.picks import Pick

MOST = 100
router = Router()


class Narrower(Schema):
    """Conditions besides the owner's; they can only leave out more. One that is not known would not hold: it is refused."""

    model_config = ConfigDict(extra="forbid")
    exclude: Annotated[list[str], or_default([])] = Field(default_factory=list, description="Ids that are not shown.")
    exclude_categories: Annotated[list[str], or_default([])] = Field(default_factory=list)
    in_stock_only: bool | None = None
    price_min: float | None = Field(None, ge=0)
    price_max: float | None = Field(None, ge=0)


class Wanted(Schema):
    """For whom, or for what sentence."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())
    model: str = Field(description="The recommender's address, as GET /v1/models lists it.")
    history: Annotated[list[str], or_default([])] = Field(
        default_factory=list, max_length=5000, description="Ids of what was bought, read or watched, oldest first."
    )
    query: str | None = Field(
        None, max_length=2000, description="A sentence, such as “a gift for a gardener under 20”."
    )
    item: str | None = Field(None, description="People who chose this also chose …; instead of history and query.")
    k: Annotated[int, or_default(10)] = Field(10, ge=1, le=MOST)
    rules: Narrower | None = None


class Picked(Schema):
    item: str
    score: float
    reason: str = Field(description="Why, out of the model's own scores.")
    title: str
    category: str
    price: float | None
    currency: str = Field(description="A code such as EUR, or a sign where the data says no more; empty if unknown.")
    picture: str
    link: str


class Answer(Schema):
    model_config = ConfigDict(protected_namespaces=())
    object: str
    model: str
    data: list[Picked]
    unknown: list[str] = Field(
        description="Ids of the history that the catalogue does not have; they were passed over."
    )
    warnings: list[FieldWarning] | None = None


@router.post("/v1/recommend", auth=gate.Key(), tags=["recommenders"], summary="Recommend things", response=Answer)
async def recommend(request: HttpRequest, body: Wanted) -> HttpResponse:
    caller: gate.Caller = request.auth  # type: ignore[attr-defined]
    endpoint = await gate.opened(caller, body.model)
    left = await gate.allowance(caller, endpoint)
    if left.exceeded:
        raise gate.too_many(left)
    _deployment, knowing = await sync_to_async(chat.of_endpoint)(endpoint)
    if knowing.family != "recommend":
        text = _("“%(name)s” recommends nothing. POST /v1/chat/completions asks it.") % {"name": endpoint.slug}
        raise Refusal(400, "not_a_recommender", text)
    things = await sync_to_async(catalogue.of_model)(knowing)
    if body.item is not None and body.item not in things:
        raise Refusal(404, "item_not_found", _("The catalogue has no “%(item)s”.") % {"item": body.item[:80]})
    query = [body.query] if body.query and body.item is None else []
    wanted = Corrected.of(await sync_to_async(correcting.first_settled)(endpoint.project_id, query))
    common = asked(body, wanted.rules(endpoint.rules), knowing)
    rows = await serving.recommend(knowing.model, folder=knowing.folder, **common)
    rows = wanted.put_first(rows, narrowed(endpoint.rules, body.rules), body.k)
    unknown = [item for item in body.history if item not in things]
    await sync_to_async(metering.record)(endpoint.pk, caller.key.pk if caller.key else None, metering.Used())
    data = [picked(things, row) for row in rows if row.item in things]
    answer = {"object": "list", "model": endpoint.slug, "data": data, "unknown": unknown}
    return gate.stamped(request, JsonResponse(with_warnings(answer, request, body)), left)


def asked(body: Wanted, rules: Rules, knowing: chat.Knowing) -> dict[str, object]:
    """What the engine is asked."""
    common = {"k": body.k, "rules": narrowed(rules, body.rules), "answers_with": knowing.answers_with}
    if body.item is not None:
        return common | {"like": body.item}
    return common | {"history": body.history, "query": body.query}


def narrowed(rules: Rules, more: Narrower | None) -> Rules:
    """The owner's rules with the caller's conditions: whatever is stricter holds."""
    if more is None:
        return dict(rules)
    found = dict(rules)
    for name in ("exclude", "exclude_categories"):
        found[name] = [*rules.get(name, []), *getattr(more, name)]
    found["in_stock_only"] = bool(rules.get("in_stock_only")) or bool(more.in_stock_only)
    highest = [price for price in (rules.get("price_max"), more.price_max) if price is not None]
    lowest = [price for price in (rules.get("price_min"), more.price_min) if price is not None]
    found["price_max"] = min(highest) if highest else None
    found["price_min"] = max(lowest) if lowest else None
    return found


def picked(things: catalogue.Catalogue, row: Pick) -> dict[str, object]:
    item = things[row.item]
    return {
        "item": item.item,
        "score": round(row.score, 6),
        "reason": catalogue.reason(things, row.reason),
        "title": item.title,
        "category": item.category or "",
        "price": item.price,
        "currency": (item.currency or "") if item.price is not None else "",
        "picture": catalogue.secure(item.picture),
        "link": catalogue.secure(item.link),
    }
