"""Pages of the site itself: the first visit, invitations, profile, language, help, and what is shown when a page fails."""

from __future__ import annotations

import logging
import sys

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from projects.errors import UserError, page_of, reference, trouble
from projects.models import Invitation
from studio import people, setup_code, teams
from studio.forms import NewAccount, Profile, SetUp
from studio.models import User

logger = logging.getLogger(__name__)


# The first visit and invitations ---------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters("password", "code")
def setup(request: HttpRequest) -> HttpResponse:
    if people.anybody():
        return redirect("account_login")
    language = {"language": translation.get_language()}
    form = SetUp(request.POST or None, initial=language, asks_for_code=setup_code.needed(request))
    if request.method == "POST" and form.is_valid():
        user = people.set_up(form.person(form.cleaned_data["language"]), form.cleaned_data["team"])
        messages.success(request, _("Your studio is ready."))
        return _enter(request, user)
    return render(request, "account/setup.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@sensitive_post_parameters("password")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    try:
        found = teams.find_invitation(token)
    except UserError as error:
        return render(request, "account/invitation_closed.html", {"error": error}, status=error.status)
    if request.user.is_authenticated:
        return _join(request, found)
    form = NewAccount(request.POST or None, initial={"email": found.email})
    if found.email:
        form.fields["email"].disabled = True
    if request.method == "POST" and form.is_valid():
        # A link that names the address was sent to that address, so it counts as confirmed.
        with transaction.atomic():  # of two who hold the link at once, one is let in, and the other leaves no account
            user = people.create(form.person(translation.get_language() or ""), verified=bool(found.email))
            teams.accept(found, user)
        return _enter(request, user)
    context = {"form": form, "invitation": found}
    return render(request, "account/invitation.html", context, status=422 if form.errors else 200)


def _enter(request: HttpRequest, user: User) -> HttpResponse:
    """Signs a new person in, by way of the mail to confirm where that is asked for."""
    answer: HttpResponse = perform_login(request, user, redirect_url=reverse(settings.LOGIN_REDIRECT_URL))
    return answer


def _join(request: HttpRequest, found: Invitation) -> HttpResponse:
    """Somebody who is signed in confirms with one button."""
    if request.method != "POST":
        return render(request, "account/invitation.html", {"invitation": found})
    teams.accept(found, request.user)  # type: ignore[arg-type]
    request.session["team"] = found.team_id
    messages.success(request, _("You are now in %(team)s.") % {"team": found.team})
    return redirect(settings.LOGIN_REDIRECT_URL)


def reset_by_owner(request: HttpRequest) -> HttpResponse:
    """Instead of a mail nobody could send: who can help."""
    return render(request, "account/password_reset_by_owner.html")


def email_by_owner(request: HttpRequest) -> HttpResponse:
    """A new address has to be confirmed by mail; without mail it stays as it is."""
    messages.info(request, _("The address can be changed once the studio can send mail."))
    return redirect("studio:profile")


# The person ------------------------------------------------------------------------------------------------


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    form = Profile(request.POST or None, instance=request.user)  # type: ignore[arg-type]
    if request.method == "POST" and form.is_valid():
        user = form.save()
        translation.activate(user.language)
        messages.success(request, _("Your profile is saved."))
        answer = redirect("studio:profile")
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax", secure=settings.SECURE)
        return answer
    context = {"form": form, "mail": bool(settings.EMAIL_HOST)}
    return render(request, "studio/profile.html", context, status=422 if form.errors else 200)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Remembers the language in a cookie, and with the account of whoever is signed in."""
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and translation.check_for_language(chosen):
        request.user.language = chosen
        request.user.save(update_fields=["language"])
    return set_language(request)


def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "studio/help.html")


def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(static("logo.svg"))


# When a page fails -----------------------------------------------------------------------------------------


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        error = UserError(
            _("This is more than a form takes at once."),
            _("Nothing was changed."),
            _("Save it as a file and upload the file instead."),
        )
    else:
        error = UserError(
            _("This request could not be read."), "", _("Go back, load the page again and try once more.")
        )
    return render(request, "error.html", {"error": error}, status=400)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's hidden mark does not fit, mostly because the page stood open over a sign-in or sign-out."""
    logger.warning("A form was refused: %s (%s)", reason, request.path)
    return render(request, "stale_form.html", status=403)


def server_error(request: HttpRequest, *args: object) -> HttpResponse:
    if found := trouble(sys.exc_info()[1]):  # in a middleware, such as that of the sessions
        return page_of(request, found)
    ref = reference()
    logger.error("A page failed, reference %s: %s %s", ref, request.method, request.path)
    return render(request, "500.html", {"ref": ref}, status=500)
