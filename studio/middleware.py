"""Speaks the signed-in person's language and shows times in their time zone."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation


def preferences(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def respond(request: HttpRequest) -> HttpResponse:
        language = getattr(request.user, "language", "")
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = language
        zone = getattr(request.user, "time_zone", "")
        if zone in zoneinfo.available_timezones():
            timezone.activate(zone)
        else:
            timezone.deactivate()
        return get_response(request)

    return respond
