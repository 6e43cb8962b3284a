"""What visitors see: the chat page, the widget's script and its settings."""

from __future__ import annotations

import json
from pathlib import Path

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import translation
from django.views.decorators.http import require_GET

from endpoints import conversations, visitors
from endpoints.models import Endpoint
from endpoints.words import chat_words
from projects.errors import reference

HOUR = 3600


@require_GET
def chat(request: HttpRequest, slug: str) -> HttpResponse:
    endpoint = conversations.endpoint_by_slug(slug)
    if endpoint is None or endpoint.visibility == Endpoint.Visibility.API:
        raise Http404
    if endpoint.visibility == Endpoint.Visibility.TEAM and not visitors.is_member(request.user, endpoint):
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.get_full_path())
    context = {"endpoint": endpoint, "words_json": json.dumps(chat_words()), "language": translation.get_language()}
    template = "endpoints/chat.html" if endpoint.published else "endpoints/closed.html"
    response = render(request, template, context, status=200 if endpoint.published else 404)
    if endpoint.visibility != Endpoint.Visibility.PUBLIC:
        response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@require_GET
def widget_script(request: HttpRequest) -> HttpResponse:
    """The one script that a foreign page loads, at an address that never changes."""
    path = finders.find("widget/widget.js")
    if not path:
        raise Http404
    content = Path(str(path)).read_bytes()
    tag = f'"{visitors.digest(content.decode())[:20]}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(content, content_type="text/javascript; charset=utf-8")
    response["ETag"] = tag
    response["Cache-Control"] = f"public, max-age={HOUR}, stale-while-revalidate={24 * HOUR}"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
def widget_settings(request: HttpRequest, slug: str) -> HttpResponse:
    """What the widget needs to know, for the sites that the owner listed and for our own pages."""
    endpoint = conversations.endpoint_by_slug(slug)
    origin = request.headers.get("Origin", "")
    own = not origin or visitors.same_site(origin, request.get_host())
    response = refused()
    if endpoint is not None and endpoint.published and may_show(request, endpoint, "" if own else origin):
        with translation.override(language_of(request)):
            response = JsonResponse(widget_facts(endpoint))
        if not own:
            response["Access-Control-Allow-Origin"] = origin
            response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Vary"] = "Origin"
    response["Cache-Control"] = "private, max-age=60" if response.status_code == 200 else "no-store"
    return response


def may_show(request: HttpRequest, endpoint: Endpoint, foreign: str) -> bool:
    if endpoint.visibility in {Endpoint.Visibility.LINK, Endpoint.Visibility.PUBLIC}:
        return not foreign or visitors.allowed_site(endpoint, foreign)
    team_only = endpoint.visibility == Endpoint.Visibility.TEAM
    return team_only and not foreign and visitors.is_member(request.user, endpoint)


def refused() -> JsonResponse:
    return JsonResponse({"error": {"code": "not_available", "ref": reference()}}, status=404)


def language_of(request: HttpRequest) -> str:
    for wanted in (request.GET.get("lang", ""), translation.get_language() or "", settings.LANGUAGE_CODE):
        try:
            return translation.get_supported_language_variant(wanted.lower())
        except LookupError:
            continue
    return "en"


def widget_facts(endpoint: Endpoint) -> dict[str, object]:
    return {
        "name": endpoint.name,
        "greeting": endpoint.greeting,
        "starters": endpoint.starters,
        "color": endpoint.color,
        "key": endpoint.publishable_key,
        "socket": f"/ws/chat/{endpoint.slug}/",
        "assets": static(""),
        "language": translation.get_language(),
        "strings": chat_words(),
    }
