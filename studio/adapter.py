"""Where our rules for accounts meet django-allauth: no open sign-up, mail without a site record, plain messages."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class Adapter(DefaultAccountAdapter):
    # What a person reads when a sign-in fails, in the words of the rest of the studio.
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not right. Check both and try again."),
        "too_many_login_attempts": _("Too many attempts. Your account is safe. Wait five minutes and try again."),
        "account_inactive": _("This account is switched off. An owner of the studio can switch it on again."),
        "password_min_length": _("Use at least {0} characters."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People come in by an invitation, which has a page of its own."""
        return False

    def format_email_subject(self, subject: str) -> str:
        return subject
