"""Before and after, side by side: the same question to the untouched base and to the trained model."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator

from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from endpoints import chat, families, live, publishing, serving, throttle
from endpoints.views import _rows
from endpoints.words import chat_words
from projects import access
from projects.errors import UserError, reference
from training import live as live_version
from training.models import ModelVersion

logger = logging.getLogger(__name__)
LONGEST = 2000
A_MINUTE = 40
SIDES = {"base": chat.BASE, "tuned": chat.TUNED, "retrieval": chat.RETRIEVAL}


@login_required
@require_GET
def tryout(request: HttpRequest, pk: int) -> HttpResponse:
    """The two columns; as a fragment inside the report, or as a page of its own."""
    model = _rows.model(request.user, pk)
    fragment = bool(getattr(request, "htmx", False))
    question = request.GET.get("text", "").strip()[:LONGEST]
    context = {
        "answers": {} if fragment or not question else async_to_sync(both)(model, question),
        "model": model,
        "project": model.project,
        "starters": publishing.defaults(model)["starters"],
        "question": question,
        "tryout": families.of_project(model.project).tryout,
        "unfit": publishing.unfit(model).get("base", ""),
        "standing": None if fragment else live_version.standing(model),
        "words_json": json.dumps(chat_words()),
    }
    return render(request, "endpoints/_tryout.html" if fragment else "endpoints/tryout.html", context)


async def both(model: ModelVersion, question: str) -> dict[str, str]:
    """Both answers whole, for a browser without scripts."""
    found = {}
    for side in (await sync_to_async(families.of_project)(model.project)).tryout.sides:
        text = ""
        try:
            async for event in chat.answer(await sync_to_async(asked)(model, side, question)):
                text += event.text if isinstance(event, chat.Piece) else ""
        except UserError as error:
            text = str(error)
        except serving.EngineError:
            text = live.out_of_reach()
        found[side] = text
    return found


def asked(model: ModelVersion, side: str, text: str) -> chat.Request:
    """The question to one side. What says that it is not sure when it is published says so here."""
    knowing = chat.of_model(model, SIDES[side])
    threshold = (
        publishing.advice(model).threshold if families.of(knowing.family).tryout.unsure and side == "tuned" else 0.0
    )
    return chat.Request(knowing, [{"role": "user", "content": text}], threshold=threshold)


@login_required
async def side(request: HttpRequest, pk: int, side: str) -> HttpResponse | StreamingHttpResponse:
    """One side's answer as server-sent events. It reads nothing but the model and stores nothing."""
    user = await request.auser()
    model = await sync_to_async(_rows.model)(user, pk, access.VIEWER)
    if side not in SIDES:
        raise Http404
    if request.method != "GET":
        return HttpResponse(status=405, headers={"Allow": "GET"})
    text = request.GET.get("text", "").strip()[:LONGEST]
    left = await throttle.take(f"try:{user.pk}", A_MINUTE)
    if not text or left.exceeded:
        return HttpResponse(status=204 if not text else 429)
    try:
        events = pieces(await sync_to_async(asked)(model, side, text))
    except UserError as error:
        events = only(error_event(str(error)))
    response = StreamingHttpResponse(events, content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"
    response["Cache-Control"] = "no-store"
    return response


async def only(event: str) -> AsyncIterator[str]:
    yield event


async def pieces(request: chat.Request) -> AsyncIterator[str]:
    try:
        async for event in chat.answer(request):
            if isinstance(event, chat.Sources):
                yield sse("sources", items=event.items)
            elif isinstance(event, chat.Result):
                yield sse("result", result=event.as_dict())
            elif isinstance(event, chat.Piece):
                yield sse("piece", text=event.text, offset=event.offset)
            else:
                yield sse("done", state=str(event.state))
    except serving.EngineBusy:
        yield error_event(live.busy_sentence())
    except serving.EngineError as error:
        logger.warning("The engine failed in a try-out: %s", error)
        yield error_event(live.out_of_reach())
    except UserError as error:
        yield error_event(str(error))
    except Exception:
        ref = reference()
        logger.exception("A try-out failed, reference %s", ref)
        yield error_event(f"{live.unexpected()} ({ref})")


def error_event(sentence: str) -> str:
    return sse("error", sentence=sentence)


def sse(kind: str, **data: object) -> str:
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
