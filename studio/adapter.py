"""Where our rules for accounts meet django-allauth: no open sign-up, mail without a site record, plain messages."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from projects import asking, links
from studio import attempts


class Adapter(DefaultAccountAdapter):
    # What a person reads when a sign-in fails, in the words of the rest of the studio.
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not right. Check both and try again."),
        "account_inactive": _("This account is switched off. An owner of the studio can switch it on again."),
        "password_min_length": _("Use at least {0} characters."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People come in by an invitation, which has a page of its own."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return asking.of_request(request)

    def authenticate(self, request: HttpRequest, **credentials: object) -> object:
        attempt = attempts.Attempt.of(request, str(credentials.get("email", "")))
        if seconds := attempt.wait():
            raise ValidationError(_too_many(seconds))
        user = super().authenticate(request, **credentials)
        if user:
            attempt.succeeded()
        return user

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, object]) -> None:
        """Every link of a mail leads to our own address, whatever host the request named."""
        ours = {name: links.here(str(value)) for name, value in context.items() if name.endswith("_url") and value}
        super().send_mail(template_prefix, email, {**context, **ours})

    def format_email_subject(self, subject: str) -> str:
        return subject


def _too_many(seconds: int) -> str:
    minutes = ceil(seconds / 60)
    return ngettext(
        "Too many attempts. Your account is safe. Wait a minute and try again.",
        "Too many attempts. Your account is safe. Wait %(minutes)s minutes and try again.",
        minutes,
    ) % {"minutes": minutes}
