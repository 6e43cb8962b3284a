"""The addresses under /v1 as programs meet them: error objects for what is not there, and the question browsers ask first."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from endpoints import visitors
from endpoints.api_errors import Refusal
from endpoints.models import Endpoint

ADDRESSES = (
    "POST /v1/chat/completions",
    "POST /v1/classify",
    "POST /v1/recommend",
    "GET /v1/models",
    "GET /v1/models/{model}",
)
PROGRAMS = re.compile(r"/{1,8}v1(?:/|\Z)", re.IGNORECASE)
HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
MOST_HEADERS = 40
"""Names of headers a browser may ask for at once; the official client sends about a dozen."""
PREFLIGHT_SECONDS = 600
EXPOSED = (
    "x-request-id, retry-after, x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests"
)
Answer = Callable[[HttpRequest], HttpResponseBase]


def middleware(get_response: Answer) -> Answer:
    """Whatever a view under /v1 or the site itself answers there, a program reads an error object and never a page.

    Not asynchronous among neighbours that are not: each request would change threads four times more."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        if not PROGRAMS.match(request.path):
            return get_response(request)
        if request.method == "OPTIONS":
            return preflight(request)
        response = get_response(request)
        if response.status_code >= 400 and not response.get("Content-Type", "").startswith("application/json"):
            response = _as_error_object(request, response)
        if response.status_code >= 400 and not response.has_header("Access-Control-Allow-Origin"):
            _readable_on_listed_sites(request, response)
        return response

    return respond


@csrf_exempt
def missing(request: HttpRequest, rest: str = "") -> HttpResponse:
    """An address that is not there. One that differs by slashes or a capital V leads, with its body, to the one that is
    meant."""
    meant = "/" + re.sub(r"/+", "/", request.path[:500]).strip("/")
    meant = re.sub(r"^/V1\b", "/v1", meant)
    if meant != request.path and _is_there(meant):
        response = HttpResponse(status=308)
        response["Location"] = meant + (f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else "")
        return response
    text = _("There is nothing at %(path)s. The addresses are: %(addresses)s.")
    text = text % {"path": request.path[:200], "addresses": ", ".join(ADDRESSES)}
    return JsonResponse(Refusal(404, "not_found", text).body, status=404)


@csrf_exempt
def without_version(request: HttpRequest, rest: str = "") -> HttpResponse:
    """A client whose base URL lacks the /v1 at its end."""
    text = _("The base URL ends in /v1: %(url)s") % {"url": f"{settings.SITE_URL}/v1"}
    return JsonResponse(Refusal(404, "not_found", text).body, status=404)


def _is_there(path: str) -> bool:
    try:
        return resolve(path).func is not missing
    except Resolver404:
        return False


def _as_error_object(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    status = response.status_code
    if status == 405:
        allowed = response.get("Allow", "")
        text = _("%(method)s is not possible at this address, only %(allowed)s.")
        refusal = Refusal(405, "method_not_allowed", text % {"method": str(request.method), "allowed": allowed})
    elif status == 413:
        refusal = Refusal(413, "body_too_large", _("The request is too large. Send less at once."))
    elif status < 500:
        refusal = Refusal(status, "invalid_request", _("This request could not be read."))
    else:
        refusal = Refusal(status, "internal_error", _("The studio could not answer. Please try again."), "server_error")
    answer = JsonResponse(refusal.body, status=status)
    for name in ("Allow", "Retry-After", "x-request-id", "Connection"):
        if response.has_header(name):
            answer[name] = response[name]
    return answer


# Browsers on other sites ---------------------------------------------------------------------------------------
def preflight(request: HttpRequest) -> HttpResponse:
    """The question that a browser asks before it sends a request from another site.

    It carries no key, so any published assistant that lists the site opens it; the key decides about the request itself.
    """
    response = HttpResponse(status=204)
    response["Allow"] = "GET, HEAD, POST, OPTIONS"
    response["Vary"] = "Origin, Access-Control-Request-Headers"
    origin = request.headers.get("Origin", "")
    if origin and _listed_anywhere(origin):
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Allow-Methods"] = "GET, HEAD, POST, OPTIONS"
        response["Access-Control-Allow-Headers"] = ", ".join(_asked_headers(request))
        response["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
    return response


def _asked_headers(request: HttpRequest) -> list[str]:
    """What the browser wants to send: clients add headers about themselves, and none of them opens anything."""
    asked = request.headers.get("Access-Control-Request-Headers", "")[:2000]
    names = [name.strip().lower() for name in asked.split(",")]
    names = [name for name in names if HEADER_NAME.fullmatch(name)]
    return list(dict.fromkeys(["authorization", "content-type", *names]))[:MOST_HEADERS]


def _readable_on_listed_sites(request: HttpRequest, response: HttpResponseBase) -> None:
    """A refusal that the browser hides from the page would read as a broken network."""
    origin = request.headers.get("Origin", "")
    if origin and _listed_anywhere(origin):
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Expose-Headers"] = EXPOSED
        response["Vary"] = "Origin"


def _listed_anywhere(origin: str) -> bool:
    rows = Endpoint.objects.filter(published=True, visibility__in=["link", "public"]).exclude(allowed_sites=[])
    return any(visitors.allowed_site(endpoint, origin) for endpoint in rows.only("allowed_sites").iterator())
