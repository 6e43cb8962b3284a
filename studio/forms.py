"""The forms of the site itself: accounts, profile, team."""

from __future__ import annotations

import zoneinfo
from typing import Any, cast

from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from projects.models import Team
from projects.models.team import Role
from studio import people
from studio.models import User

# Says what AUTH_PASSWORD_VALIDATORS check; a test holds the two together.
PASSWORD_RULES = _("At least 10 characters. Not a common password, and nothing like your name or address.")


def plain(form: forms.BaseForm) -> None:
    """Takes away the grey words inside the boxes: every box has a label above it."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


class SignIn(LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self)
        self.fields["login"].label = _("E-mail address")
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].help_text = ""


class AskForReset(ResetPasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self)
        self.fields["email"].label = _("E-mail address")


class Reauthenticate(ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self)


def name_passwords(form: forms.BaseForm) -> None:
    """The two boxes for a new password, in our words."""
    plain(form)
    form.fields["password1"].label, form.fields["password1"].help_text = _("New password"), PASSWORD_RULES
    form.fields["password2"].label = _("New password, once more")


class ChangePassword(ChangePasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_passwords(self)
        self.fields["oldpassword"].label, self.fields["oldpassword"].help_text = _("Present password"), ""


class ResetPassword(ResetPasswordKeyForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_passwords(self)


class NewAccount(forms.Form):
    """Who somebody is and with which password they will sign in."""

    name = forms.CharField(label=_("Your name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=PASSWORD_RULES,
    )
    time_zone = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput(attrs={"data-time-zone": ""}))

    def clean_email(self) -> str:
        email: str = User.objects.normalize_email(self.cleaned_data["email"])
        if people.taken(email):
            raise forms.ValidationError(_("There is an account with this address already. Sign in with it instead."))
        return email

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"]
        return zone if zone in zoneinfo.available_timezones() else ""

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("password"):
            like = User(email=found.get("email", ""), name=found.get("name", ""))
            try:
                validate_password(found["password"], like)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return found

    def person(self, language: str = "") -> people.NewPerson:
        found = self.cleaned_data
        return people.NewPerson(found["name"], found["email"], found["password"], language, found["time_zone"])


class SetUp(NewAccount):
    team = forms.CharField(
        label=_("Name of your team"),
        max_length=100,
        help_text=_("Your shop, clinic or department. You can change it later."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    field_order = ("name", "email", "password", "team", "language")


class Profile(forms.ModelForm):  # type: ignore[type-arg]
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("All times on the pages are shown in this zone."), required=False
    )

    class Meta:
        model = User
        fields = ("name", "language", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = self.fields["name"]
        name.label, name.required = _("Your name"), True
        name.widget.attrs["autocomplete"] = "name"
        zones = [(zone, zone) for zone in sorted(zoneinfo.available_timezones())]
        as_studio = _("As the studio: %(zone)s") % {"zone": settings.TIME_ZONE}
        cast("forms.ChoiceField", self.fields["time_zone"]).choices = [("", as_studio), *zones]


class TeamName(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Team
        fields = ("name",)
        labels = {"name": _("Name of the team")}


ROLES = {
    Role.VIEWER: _("Looks at everything, changes nothing."),
    Role.EDITOR: _("Also adds data, trains and publishes."),
    Role.OWNER: _("Also manages people and keys."),
}


class Invite(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.EDITOR)
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("If you give one, only a person with this address can use the link."),
    )


class RoleChoice(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
