"""The owner's rules for what a recommender shows, as a form; things are named by title or id, one a line."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from endpoints.catalogue import Catalogue, categories
from endpoints.forms import Lines

MOST_LINES = 500
STRONGEST = 10.0


class RulesForm(forms.Form):
    """What may be shown. `rules()` is what the engine is given."""

    in_stock_only = forms.BooleanField(label=_("Only what is in stock"), required=False)
    not_bought_already = forms.BooleanField(
        label=_("Nothing that the person has already"), required=False, initial=True
    )
    most_per_category = forms.IntegerField(
        label=_("At most so many of one category"),
        required=False,
        min_value=0,
        max_value=50,
        help_text=_("0 or empty: as many as fit."),
    )
    price_min = forms.FloatField(label=_("Lowest price"), required=False, min_value=0)
    price_max = forms.FloatField(label=_("Highest price"), required=False, min_value=0)
    exclude = Lines(label=_("Never show these"), required=False, help_text=_("One a line, by title or number."))
    exclude_categories = forms.MultipleChoiceField(
        label=_("Never show these categories"), required=False, widget=forms.CheckboxSelectMultiple
    )
    boost = Lines(
        label=_("Put these forward"),
        required=False,
        help_text=_("One a line: title, number or category, then = and how strongly, such as Green tea = 2."),
    )

    def __init__(self, *args: Any, catalogue: Catalogue, **options: Any) -> None:
        super().__init__(*args, **options)
        self.catalogue = catalogue
        self.by_title = {item.title.casefold(): item.item for item in catalogue.values()}
        kinds: Any = self.fields["exclude_categories"]
        kinds.choices = [(name, name) for name in categories(catalogue)]
        if not kinds.choices:
            del self.fields["exclude_categories"]

    @classmethod
    def initial_of(cls, rules: dict[str, Any], catalogue: Catalogue) -> dict[str, Any]:
        """Stored rules as a person wrote them."""

        def named(key: str) -> str:
            return catalogue[key].title if key in catalogue else key

        return {
            "not_bought_already": True,
            "most_per_category": 2,
            **rules,
            "exclude": [named(item) for item in rules.get("exclude", [])],
            "boost": [f"{named(name)} = {factor:g}" for name, factor in rules.get("boost", {}).items()],
        }

    def clean_exclude(self) -> list[str]:
        return [self._item(line) for line in self.cleaned_data["exclude"][:MOST_LINES]]

    def clean_boost(self) -> dict[str, float]:
        kinds = {name.casefold(): name for name in categories(self.catalogue)}
        found: dict[str, float] = {}
        for line in self.cleaned_data["boost"][:MOST_LINES]:
            match = re.fullmatch(r"(.+?)\s*[=＝]\s*([\d.,]+)", line)
            if not match:
                raise ValidationError(_("“%(line)s” has no = with a number behind it."), params={"line": line[:80]})
            factor = float(match.group(2).replace(",", "."))
            if not 0 < factor <= STRONGEST:
                raise ValidationError(_("How strongly is a number above 0, at most %(most)s."), params={"most": 10})
            name = match.group(1)
            found[kinds.get(name.casefold()) or self._item(name)] = factor
        return found

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        low, high = values.get("price_min"), values.get("price_max")
        if low is not None and high is not None and low > high:
            raise ValidationError(_("The lowest price is above the highest, so nothing could be shown."))
        return values

    def rules(self) -> dict[str, Any]:
        """For the engine and the endpoint's row."""
        values = dict(self.cleaned_data)
        values["most_per_category"] = values.get("most_per_category") or 0
        return {name: value for name, value in values.items() if value not in (None, [], {}, "")}

    def _item(self, name: str) -> str:
        if name in self.catalogue:
            return name
        known = self.by_title.get(name.casefold())
        if known is None:
            raise ValidationError(
                _("The catalogue has nothing called “%(name)s”. Look it up below and copy its title."),
                params={"name": name[:80]},
            )
        return known
