"""The first visitor is led to the set-up page; everybody is spoken to in their language and time zone."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation

from studio import people

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
        if zone in zoneinfo.available_timezones():
            timezone.activate(zone)
        else:
            timezone.deactivate()
        return get_response(request)

    return respond


def first_visit(get_response: Answer) -> Answer:
    def respond(request: HttpRequest) -> HttpResponse:
        if people.anybody() or request.path.startswith(ALWAYS):
            return get_response(request)
        return redirect(reverse("studio:setup"))

    return respond
