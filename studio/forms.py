"""The forms of the site itself: accounts, profile, team."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from allauth.account.forms import (
    AddEmailForm,
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.validators import EmailValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from projects import moments
from projects.models import Team
from projects.models.team import Role
from studio import kept, people, setup_code
from studio.models import User

# Says what AUTH_PASSWORD_VALIDATORS check; a test holds the two together.
PASSWORD_RULES = _("At least 10 characters. Not a common password, and nothing like your name or address.")


def typed_plainly(address: str) -> None:
    """Signs that look like a letter become that letter in small letters (the sign of Kelvin a k), so whoever has a mailbox
    with such a sign would get the mail of the person without. No address here has them before the @."""
    if not address.rpartition("@")[0].isascii():
        raise forms.ValidationError(EmailValidator.message, code="invalid")


def plain(form: forms.BaseForm) -> None:
    """Takes away the grey words inside the boxes: every box has a label above it."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


class SignIn(LoginForm):  # type: ignore[misc]
    # A form that was sent by somebody whose session had ended; see `studio.kept`.
    unsent = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        plain(self)
        self.fields["login"].label = _("E-mail address")
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].help_text = ""

    @property
    def keeps(self) -> bool:
        """Whether what was typed before really is in this page, to be sent after the sign-in."""
        return kept.opened(self["unsent"].value() or "") is not None

    @property
    def lapsed(self) -> bool:
        """Whether it was, too long ago."""
        return kept.lapsed(self["unsent"].value() or "")

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        """Then to what was typed before, where something waits to be sent."""
        response: HttpResponse = super().login(request, redirect_url=redirect_url)
        if request.user.is_authenticated and kept.brought(request, self.cleaned_data["unsent"]):
            return redirect("studio:resend")
        return response


class AskForReset(ResetPasswordForm):  # type: ignore[misc]
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        plain(self)
        self.fields["email"].label = _("E-mail address")
        self.fields["email"].validators.append(typed_plainly)


class AddAddress(AddEmailForm):  # type: ignore[misc]
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].validators.append(typed_plainly)


class Reauthenticate(ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        plain(self)


def name_passwords(form: forms.BaseForm) -> None:
    """The two boxes for a new password, in our words."""
    plain(form)
    form.fields["password1"].label, form.fields["password1"].help_text = _("New password"), PASSWORD_RULES
    form.fields["password2"].label = _("New password, once more")


class ChangePassword(ChangePasswordForm):  # type: ignore[misc]
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        name_passwords(self)
        self.fields["oldpassword"].label, self.fields["oldpassword"].help_text = _("Present password"), ""


class ResetPassword(ResetPasswordKeyForm):  # type: ignore[misc]
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        name_passwords(self)


class NewAccount(forms.Form):
    """Who somebody is and with which password they will sign in."""

    name = forms.CharField(label=_("Your name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        validators=[typed_plainly],
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
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
        return zone if zone in moments.time_zones() else ""

    def clean(self) -> dict[str, object]:
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
    code = forms.CharField(
        label=_("Set-up code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("It stands in the terminal or the log of the studio, so that only whoever runs it can own it."),
    )
    field_order = ("code", "name", "email", "password", "team", "language")

    def __init__(
        self, data: Mapping[str, object] | None = None, *, initial: dict[str, str], asks_for_code: bool
    ) -> None:
        super().__init__(data, initial=initial)
        if not asks_for_code:
            del self.fields["code"]

    def clean_code(self) -> str:
        given: str = self.cleaned_data["code"]
        if not setup_code.fits(given):
            raise forms.ValidationError(_("This is not the code of this studio. Look it up in its terminal or log."))
        return given


class Profile(forms.ModelForm):  # type: ignore[type-arg]
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("All times on the pages are shown in this zone."), required=False
    )
    region = forms.ChoiceField(
        label=_("Days and times"), help_text=_("How days and times are written on the pages."), required=False
    )

    class Meta:
        model = User
        fields = ("name", "language", "time_zone", "region")

    def __init__(self, data: Mapping[str, object] | None = None, *, instance: User) -> None:
        super().__init__(data, instance=instance)
        name = self.fields["name"]
        name.label, name.required = _("Your name"), True
        name.widget.attrs["autocomplete"] = "name"
        own = [self.instance.time_zone] if self.instance.time_zone else []
        zones = [(zone, zone) for zone in dict.fromkeys([*moments.places(), *own])]
        as_studio = _("As the studio: %(zone)s") % {"zone": settings.TIME_ZONE}
        cast("forms.ChoiceField", self.fields["time_zone"]).choices = [("", as_studio), *zones]
        regions = [("", _("As my browser asks for it")), *moments.regions()]
        cast("forms.ChoiceField", self.fields["region"]).choices = regions


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
        max_length=254,
        validators=[typed_plainly],
        help_text=_("If you give one, only a person with this address can use the link."),
    )


class RoleChoice(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
