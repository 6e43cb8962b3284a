"""What was typed comes back when a form meets the sign-in: the sign-in page carries it, and one press sends it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from studio import kept
from studio.forms import SignIn

Answer = Callable[[HttpRequest], HttpResponse]


def middleware(get_response: Answer) -> Answer:
    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if _meets_sign_in(request, response):
            return _of_a_part(request) if getattr(request, "htmx", False) else _sign_in(request)
        if request.method == "POST" and request.user.is_authenticated and _took(response):
            form = kept.Form.of(request)
            if form is not None and form.to == request.get_full_path():
                kept.forget(request)
        return response

    return respond


def _meets_sign_in(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether a page asked for the sign-in before itself."""
    if response.status_code != 302 or not (request.method == "POST" or getattr(request, "htmx", False)):
        return False
    there = urlsplit(response.headers["Location"])
    back = parse_qs(there.query).get(REDIRECT_FIELD_NAME)
    return there.path == reverse("account_login") and back == [request.get_full_path()]


def _took(response: HttpResponse) -> bool:
    """Whether what was sent arrived: it is done, or it stands in the page that says what is wrong with it."""
    return response.status_code < 400 or response.status_code == 422


STOP = 286
"""The status by which htmx ends asking again and again."""


def _of_a_part(request: HttpRequest) -> HttpResponse:
    """A part of a page asks. What stands in the page stays there; what only looks asks no more."""
    sign_in = f"{reverse('account_login')}?{urlencode({'next': kept.page(request)})}"
    sent = request.method == "POST"
    context = {"sign_in": sign_in, "sent": sent}
    response = render(request, "studio/_signed_out.html", context, status=200 if sent else STOP)
    response["HX-Retarget"], response["HX-Reswap"] = (
        "#messages",
        "innerHTML show:#messages:top" if sent else "innerHTML",
    )
    return response


def _sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page with the form in it. A press of a button without a word is a form too."""
    form = kept.signed(request)
    context = {
        "form": SignIn(request=request, initial={"unsent": form}),
        "redirect_field": format_html('<input type="hidden" name="next" value="{}">', kept.page(request)),
        "unsent": True,
    }
    return render(request, "account/login.html", context, status=401)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def resend(request: HttpRequest) -> HttpResponse:
    """Shows what was typed, to be sent now; or leaves it."""
    form = kept.Form.of(request)
    if form is None:
        return redirect("projects:home")
    if request.method == "POST":
        kept.forget(request)
        return redirect(form.page)
    shown = [text for _name, text in form.fields if text.strip()]
    return render(request, "studio/resend.html", {"kept": form, "shown": shown})
