"""The form that starts a training: a preset, and the expert settings made from the fields of TrainConfig."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import get_type_hints

from django import forms
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from training.ml import families
from training.ml.config import PRESETS, TrainConfig
from training.plan import Plan

TYPES = get_type_hints(TrainConfig)


@dataclass(frozen=True)
class Setting:
    """How an expert setting is called and what it may be."""

    label: str | Promise
    help: str | Promise
    least: float = 0
    most: float = 1
    choices: tuple[int, ...] = ()
    unset: str | Promise = ""
    """What it means when a preset sets no value."""


SETTINGS: dict[str, Setting] = {
    "epochs": Setting(_("Epochs"), _("How many times every example is seen."), 0.1, 50),
    "learning_rate": Setting(_("Learning rate"), _("How far each step goes."), 1e-6, 0.1),
    "rank": Setting(_("Rank"), _("Width of the LoRA adapter."), choices=(4, 8, 16, 32)),
    "alpha": Setting(_("Alpha"), _("Strength of the LoRA adapter; usually twice the rank."), 1, 256),
    "dropout": Setting(_("Dropout"), _("Share of the adapter's inputs left out by chance."), 0, 0.5),
    "tokens_per_step": Setting(_("Tokens per step"), _("How much text one step sees."), 64, 65536),
    "max_tokens": Setting(_("Longest example, in tokens"), _("A longer prompt is cut at its start."), 64, 8192),
    "retrieved": Setting(_("Known answers in the prompt"), _("The same in training and in use."), 0, 5),
    "warmup": Setting(_("Warm-up"), _("Share of the steps in which the learning rate rises."), 0, 0.5),
    "weight_decay": Setting(_("Weight decay"), _("Pulls the adapter's weights towards zero."), 0, 1),
    "patience": Setting(_("Patience"), _("Looks without a better validation loss before it stops."), 1, 100),
    "evaluation_rows": Setting(
        _("Rows in the report"), _("How many held-out rows it is measured on."), 10, 10000, unset=_("all")
    ),
    "max_new_tokens": Setting(_("Longest answer, in tokens"), _("Answers end here at the latest."), 16, 2048),
    "batch": Setting(_("Examples per step"), _("One step compares so many examples with each other."), 8, 1024),
    "steps": Setting(_("Training steps"), _("How many steps it learns at most."), 1, 10000),
    "seed": Setting(_("Seed"), _("The same seed gives the same training."), 0, 2**31 - 1),
    "system_prompt": Setting(
        _("Instruction"), _("What the model is told before every conversation. Empty: the one of the use case.")
    ),
}
LONGEST_INSTRUCTION = 2000


class StartForm(forms.Form):
    """Empty expert fields mean that the preset decides; their hints say what it would choose.

    A family's presets name the settings that it learns with; no others are shown.
    """

    preset = forms.ChoiceField(choices=[(name, name) for name in PRESETS])

    def __init__(self, data: Mapping[str, object] | None = None, *, family: str, plans: Sequence[Plan] = ()) -> None:
        super().__init__(data)
        self.names = families.of(family).presets.SETTINGS
        for name in self.names:
            self.fields[name] = _field(name, SETTINGS[name], plans)

    def overrides(self) -> dict[str, object]:
        """What the person set; what was left empty is not in it."""
        given = {name: self.cleaned_data[name] for name in self.names}
        return {name: _typed(name, value) for name, value in given.items() if value not in (None, "")}

    def experts(self) -> list[forms.BoundField]:
        return [self[name] for name in self.names]


def _field(name: str, setting: Setting, plans: Sequence[Plan]) -> forms.Field:
    if TYPES[name] is str:
        box = forms.Textarea(attrs={"rows": 3})
        return forms.CharField(
            label=str(setting.label),
            help_text=str(setting.help),
            required=False,
            max_length=LONGEST_INSTRUCTION,
            widget=box,
        )
    help_text = _hint(name, setting, plans)
    if setting.choices:
        options = [("", _("As the preset has it")), *((str(n), str(n)) for n in setting.choices)]
        return forms.ChoiceField(label=str(setting.label), help_text=help_text, required=False, choices=options)
    if TYPES[name] is float:
        return forms.FloatField(
            label=str(setting.label),
            help_text=help_text,
            required=False,
            min_value=setting.least,
            max_value=setting.most,
        )
    return forms.IntegerField(
        label=str(setting.label),
        help_text=help_text,
        required=False,
        min_value=int(setting.least),
        max_value=int(setting.most),
    )


def _hint(name: str, setting: Setting, plans: Sequence[Plan]) -> str:
    """What the setting does, and what the presets would choose where they choose something that can be said."""
    values = [_said(getattr(plan.config, name), setting) for plan in plans]
    if not values or not all(values):
        return str(setting.help)
    if len(set(values)) == 1:
        return gettext("%(help)s Preset: %(value)s.") % {"help": setting.help, "value": values[0]}
    return gettext("%(help)s Presets: %(values)s.") % {"help": setting.help, "values": " · ".join(values)}


def _said(value: object, setting: Setting) -> str:
    return str(setting.unset) if value is None else str(number_format(Decimal(f"{value:g}")))


def _typed(name: str, value: object) -> object:
    return int(str(value)) if SETTINGS[name].choices else value
