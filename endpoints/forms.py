"""The settings of a published assistant, as a person fills them in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from endpoints import visitors
from endpoints.models import Endpoint
from training.models import ModelVersion

MOST_STARTERS = 6
SURE_OF_A_LABEL = _(
    "How likely a label must be. Below this the classifier says that it is not sure, names the two nearest labels and "
    "offers a person. 0 means that it always gives a label."
)


class Lines(forms.CharField):
    """A list, one entry a line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = value if isinstance(value, list) else str(value or "").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
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
        help_text=_(
            "How near a known question must be. Below this the assistant says that it is not sure and offers "
            "the nearest known answer. 0 means that it always tries to answer."
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.project_id and self.instance.project.case.family == "classify":
            self.fields["threshold"].help_text = SURE_OF_A_LABEL
            self.fields["starters"].label = _("Texts to try")

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
    answers_with = forms.ChoiceField(label=_("What answers"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, ways: Mapping[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["answers_with"]
        field.choices = list(ways.items())


class DeployForm(forms.Form):
    """Another version for an endpoint that is there."""

    model: Any = forms.ModelChoiceField(queryset=ModelVersion.objects.none(), label=_("Version"), empty_label=None)
    answers_with = forms.ChoiceField(
        label=_("What answers"),
        required=False,
    )

    def __init__(self, *args: Any, endpoint: Endpoint, ways: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["answers_with"]
        choice.choices = [("", _("As the report recommends")), *ways.items()]
        field: Any = self.fields["model"]
        field.queryset = endpoint.project.models.all()
        field.label_from_instance = lambda model: _("Version %(number)s") % {"number": model.number}
