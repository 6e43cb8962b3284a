"""The first visitor is led to the set-up page; everybody is spoken to in their language and time zone, also where an
address has nothing to look at."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation

from projects import moments
from studio import attempts, people

Answer = Callable[[HttpRequest], HttpResponse]
# What must answer before there is an account: the machinery, what the set-up page itself needs, and the doors of
# assistants that `quickstart` published on a studio which nobody has opened yet.
MACHINERY = ("/setup/", "/language/", "/healthz", "/readyz", "/metrics", "/static/", "/favicon.ico")
ASSISTANTS = ("/v1/", "/api/", "/chat/", "/widget")
ALWAYS = MACHINERY + ASSISTANTS


def preferences(get_response: Answer) -> Answer:
    def respond(request: HttpRequest) -> HttpResponse:
        language = getattr(request.user, "language", "")
        if language and translation.check_for_language(language):
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language() or language
        zone = getattr(request.user, "time_zone", "")
        if zone in moments.time_zones():
            timezone.activate(zone)
        else:
            timezone.deactivate()
        moments.read_by(request.headers.get("Accept-Language", ""), getattr(request.user, "region", ""))
        return get_response(request)

    return respond


def known_device(get_response: Answer) -> Answer:
    """Whoever is signed in is known in this browser from then on."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not request.path.startswith(ALWAYS):
            attempts.remember(request, response)
        return response

    return respond


def nothing_to_look_at(get_response: Answer) -> Answer:
    """Who opens the address of a form in a browser gets a page with a way back, not an empty one."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != 405 or request.method != "GET" or response.content:
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page

    return respond


def first_visit(get_response: Answer) -> Answer:
    def respond(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(ALWAYS) or people.anybody():  # the machinery answers without a database too
            return get_response(request)
        return redirect(reverse("studio:setup"))

    return respond
