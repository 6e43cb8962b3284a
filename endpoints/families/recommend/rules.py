"""The owner's rules for what a recommender shows, as a form; things are named by title or id, one a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from endpoints.events import Rules
from endpoints.families.recommend.catalogue import Catalogue, categories
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

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        catalogue: Catalogue,
        initial: dict[str, object] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.catalogue = catalogue
        self.by_title = by_title(catalogue)
        kinds = self.fields["exclude_categories"]
        assert isinstance(kinds, forms.MultipleChoiceField)
        kinds.choices = [(name, name) for name in categories(catalogue)]
        if not kinds.choices:
            del self.fields["exclude_categories"]

    @classmethod
    def initial_of(cls, rules: Rules, catalogue: Catalogue) -> dict[str, object]:
        """Stored rules as a person wrote them."""
        boosts: dict[str, float] = rules.get("boost", {})
        strengths = sorted(set(boosts.values()), reverse=True)
        boosted = {factor: [name for name, value in boosts.items() if value == factor] for factor in strengths}
        return {
            "not_bought_already": True,
            "most_per_category": 0,
            **rules,
            **{name: f"{rules[name]:g}" for name in ("price_min", "price_max") if rules.get(name) is not None},
            "exclude": named(rules.get("exclude", []), catalogue),
            "boost": [f"{name} = {factor:g}" for factor, names in boosted.items() for name in named(names, catalogue)],
        }

    def clean_exclude(self) -> list[str]:
        lines = self._lines("exclude")
        return list(dict.fromkeys(item for line in lines for item in self._items(line)))

    def clean_boost(self) -> dict[str, float]:
        kinds = {name.casefold(): name for name in categories(self.catalogue)}
        found: dict[str, float] = {}
        for line in self._lines("boost"):
            name, factor = _strength(line)
            kind = kinds.get(name.casefold())
            found |= dict.fromkeys([kind] if kind else self._items(name), factor)
        return found

    def _lines(self, name: str) -> list[str]:
        lines: list[str] = self.cleaned_data[name]
        if len(lines) > MOST_LINES:
            raise ValidationError(
                _("Too many lines: %(count)s, where %(most)s fit. A category takes the place of many."),
                params={"count": len(lines), "most": MOST_LINES},
            )
        return lines

    def clean(self) -> dict[str, object]:
        values = super().clean() or {}
        low, high = values.get("price_min"), values.get("price_max")
        if low is not None and high is not None and low > high:
            raise ValidationError(_("The lowest price is above the highest, so nothing could be shown."))
        return values

    def rules(self) -> Rules:
        """For the engine and the endpoint's row."""
        values = dict(self.cleaned_data)
        values["most_per_category"] = values.get("most_per_category") or 0
        return {name: value for name, value in values.items() if value not in (None, [], {}, "")}

    def _items(self, name: str) -> list[str]:
        """The item of that number, or every item of that title."""
        found = [name] if name in self.catalogue else self.by_title.get(name.casefold())
        if not found:
            raise ValidationError(
                _("The catalogue has nothing called “%(name)s”. Look it up below and copy its title."),
                params={"name": name[:80]},
            )
        return found


def by_title(catalogue: Catalogue) -> dict[str, list[str]]:
    """Items by their title; variants of a thing often share one."""
    found: dict[str, list[str]] = {}
    for item in catalogue.values():
        found.setdefault(item.title.casefold(), []).append(item.item)
    return found


def named(items: Sequence[str], catalogue: Catalogue) -> list[str]:
    """Titles where all things of that title are meant, numbers where only some are; categories as they are."""
    titles, meant = by_title(catalogue), set(items)
    lines = []
    for item in items:
        title = catalogue[item].title if item in catalogue else item
        whole = item not in catalogue or meant.issuperset(titles[title.casefold()])
        lines.append(title if whole else item)
    return list(dict.fromkeys(lines))


def _strength(line: str) -> tuple[str, float]:
    """What stands before the last = of a line, and the number behind it."""
    name, _sign, number = (part.strip() for part in line.replace("＝", "=").rpartition("="))
    try:
        factor = float(number.replace(",", "."))
    except ValueError:
        factor = None
    if factor is None or not name:
        raise ValidationError(_("“%(line)s” has no = with a number behind it."), params={"line": line[:80]})
    if not 0 < factor <= STRONGEST:
        raise ValidationError(_("How strongly is a number above 0, at most %(most)s."), params={"most": 10})
    return name, factor
