"""The settings of a published assistant, as a person fills them in."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from endpoints import families, visitors
from endpoints.models import Endpoint

MOST_STARTERS = 6


class Lines(forms.CharField):
    """A list, one entry a line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: object) -> object:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: object) -> Any:
        lines = value if isinstance(value, list) else str(value or "").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def has_changed(self, initial: object, data: object) -> bool:
        return bool(self.to_python(initial) != self.to_python(data))


class EndpointForm(forms.ModelForm):  # type: ignore[type-arg]
    starters = Lines(
        label=_("Starter questions"), required=False, help_text=_("One a line. Visitors see them before they write.")
    )
    allowed_sites = Lines(
        label=_("Web sites that may show the widget"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "https://www.your-shop.example"}),
        help_text=_("One address a line. https://*.example.com stands for all its subdomains, * for every site."),
    )
    threshold = forms.FloatField(
        label=_("How sure it must be"),
        min_value=0,
        max_value=1,
        widget=forms.NumberInput(attrs={"type": "range", "min": "0", "max": "1", "step": "0.01"}),
    )

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        instance: Endpoint,
        initial: dict[str, object] | None = None,
    ) -> None:
        super().__init__(data, instance=instance, initial=initial)
        if self.instance.project_id:
            family = families.of_project(self.instance.project)
            if family.sureness is None:
                del self.fields["threshold"]
            else:
                self.fields["threshold"].help_text = str(family.sureness.help)
            self.fields["starters"].label = str(family.starters_title)

    class Meta:
        model = Endpoint
        fields = [
            "name", "greeting", "starters", "color", "visibility", "allowed_sites", "threshold", "contact",
            "messages_a_minute", "requests_a_minute",
        ]  # fmt: skip
        widgets = {
            "greeting": forms.Textarea(attrs={"rows": 2}),
            "color": forms.TextInput(attrs={"type": "color"}),
            "visibility": forms.RadioSelect,
        }
        help_texts = {
            "contact": _(
                "An e-mail address, a telephone number or a link. It is offered when the assistant is not sure."
            ),
            "messages_a_minute": _("More than this in a minute and the chat asks the visitor to wait."),
            "requests_a_minute": _("More than this in a minute and the API answers with status 429."),
        }

    def clean_starters(self) -> list[str]:
        return [line[:200] for line in self.cleaned_data["starters"]][:MOST_STARTERS]

    def clean_allowed_sites(self) -> list[str]:
        sites = []
        for line in self.cleaned_data["allowed_sites"]:
            try:
                sites.append(visitors.site(line))
            except ValueError:
                raise ValidationError(
                    _("“%(line)s” is not the address of a web site. Write it like https://www.your-shop.example."),
                    params={"line": line[:80]},
                ) from None
        return list(dict.fromkeys(sites))

    def clean_color(self) -> str:
        color: str = self.cleaned_data["color"]
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", color):
            raise ValidationError(_("Write the colour like #3d5afe."))
        return color.lower()


class PublishForm(EndpointForm):
    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        instance: Endpoint,
        initial: dict[str, object] | None = None,
        ways: Mapping[str, str],
        unfit: Mapping[str, str],
    ) -> None:
        """UNFIT: ways that cannot be recommended, each with the reason."""
        super().__init__(data, instance=instance, initial=initial)
        self.unfit = unfit
        self.fields["answers_with"] = forms.ChoiceField(
            label=_("What answers"), widget=forms.RadioSelect, choices=list(ways.items())
        )

    def fit_ways(self) -> list[object]:
        """The radio buttons of what can be recommended, and of what is chosen all the same."""
        return [radio for radio, why in self._ways() if not why]

    def unfit_ways(self) -> list[tuple[object, str]]:
        """The others, each with the reason."""
        return [(radio, why) for radio, why in self._ways() if why]

    def _ways(self) -> list[tuple[object, str]]:
        chosen = self["answers_with"].value()
        radios = [(radio, radio.data["value"]) for radio in self["answers_with"].subwidgets]
        return [(radio, "" if value == chosen else self.unfit.get(value, "")) for radio, value in radios]


class DeployForm(forms.Form):
    """Another version for an endpoint that is there."""

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        endpoint: Endpoint,
        ways: Mapping[str, str],
        unfit: Collection[str],
        marks: Mapping[int, str],
    ) -> None:
        """MARKS: how versions stand beside the one that is live, in two or three words."""
        super().__init__(data)
        fit = [(way, title) for way, title in ways.items() if way not in unfit]
        rest = [(way, title) for way, title in ways.items() if way in unfit]
        choices = [("", _("As the report recommends")), *fit, *([(_("Not recommended"), rest)] if rest else [])]
        versions: Any = forms.ModelChoiceField(endpoint.project.models.all(), label=_("Version"), empty_label=None)
        versions.label_from_instance = lambda model: _marked(
            _("Version %(number)s") % {"number": model.number}, marks.get(model.pk, "")
        )
        self.fields["model"] = versions
        self.fields["answers_with"] = forms.ChoiceField(label=_("What answers"), required=False, choices=choices)


def _marked(name: str, mark: str) -> str:
    return _("%(version)s (%(mark)s)") % {"version": name, "mark": mark} if mark else name
