"""With what a recommender begins: things of its catalogue that a visitor may look for, and what is left out."""

from __future__ import annotations

from collections import Counter

from django.utils.translation import gettext as _

from endpoints.families.recommend import catalogue
from projects.errors import UserError
from training.ml.recommend.picks import Item
from training.models import ModelVersion

LONGEST = 60


def things_to_look_for(model: ModelVersion) -> list[str]:
    """The most common category, a thing of another one, and what others like; that alone where nothing has a name."""
    items = [item for item in _items(model) if item.title and item.title != item.item]
    common = [name for name, _many in Counter(item.category or "" for item in items).most_common() if name][:2]
    others = common[1:]
    titles = [item.title for item in items if len(item.title) <= LONGEST and (not others or item.category in others)]
    found = [_("Something from %(category)s") % {"category": name} for name in common[:1] if len(name) <= LONGEST]
    found += [_("Something like %(title)s") % {"title": title} for title in titles[:1]]
    return [*found, _("What do others like?")]


def only_in_stock(model: ModelVersion) -> dict[str, object]:
    """Whoever says what is in stock does not want the rest recommended; the page of rules can say otherwise. Where
    nothing at all is in stock, the column says something else."""
    return {"in_stock_only": True} if len({item.available for item in _items(model)}) == 2 else {}


def _items(model: ModelVersion) -> list[Item]:
    try:
        return list(catalogue.of_folder(model.folder).values())
    except UserError:  # a folder that is damaged is refused where it is published
        return []
