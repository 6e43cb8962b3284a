"""The labels of a desk: add, rename, remove what nobody used."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from projects import labelling
from projects.errors import UserError
from projects.labels import relabelling
from projects.labels.names import tidy
from projects.models import Labelling, LabelName, WaitingText

MOST = 200
KEYS = "123456789abcdefghijklmnopqrtvwxyz"
"""What is pressed for each label; s skips and u takes back."""


def keyed(desk: Labelling) -> list[tuple[LabelName, str]]:
    """Every label with its key; those that come late have none."""
    return [(one, KEYS[place] if place < len(KEYS) else "") for place, one in enumerate(desk.names.all())]


def add(desk: Labelling, names: Sequence[str]) -> None:
    """Adds labels; those that are there stay as they are."""
    wanted = list(dict.fromkeys(name for one in names if (name := tidy(one))))
    known = {one.casefold() for one in desk.names.values_list("name", flat=True)}
    if not wanted and len(known) > 1:
        return  # the data has its own, and none has to be added
    if not wanted:
        raise UserError(_("No label was written."), todo=_("Write one label in each line."))
    if len(known) + len(wanted) > MOST:
        raise UserError(_("These are more than %(n)d labels.") % {"n": MOST}, todo=_("Begin with those you need."))
    for name in wanted:
        if name.casefold() not in known:
            desk.names.get_or_create(name=name)
            known.add(name.casefold())


def rename(desk: Labelling, old: str, new: str) -> None:
    """Another name, on the texts that have it as well; the name of another label makes one of the two."""
    wanted = tidy(new)
    if not wanted:
        raise UserError(_("No label was written."), todo=_("Write the new name."))
    if wanted == old:
        return
    _leave_the_datas(desk, old)
    with transaction.atomic():
        labelling.locked(desk)
        if not desk.names.filter(name=old).exists():
            raise _no_label()
        if desk.names.filter(name=wanted).exists():
            desk.names.filter(name=old).delete()
        else:
            desk.names.filter(name=old).update(name=wanted)
        for text in _with(desk, old):
            changed = list(dict.fromkeys(wanted if label == old else label for label in text.labels))
            labelling.changed(desk, desk.texts.filter(pk=text.pk).update(labels=changed))
        _forget(desk, old)


def remove(desk: Labelling, name: str) -> None:
    """Removes a label that no text has."""
    _leave_the_datas(desk, name)
    if next(iter(_with(desk, name)), None) is not None:
        raise UserError(
            _("Texts have the label “%(name)s” already.") % {"name": name},
            _("Nothing was changed."),
            _("Give it the name of another label to make one of the two."),
            status=409,
        )
    if not desk.names.filter(name=name).delete()[0]:
        raise _no_label()
    _forget(desk, name)


def _leave_the_datas(desk: Labelling, name: str) -> None:
    if name in relabelling.facts(desk.dataset.folder).get("labels", {}):
        raise UserError(
            _("The data has the label “%(name)s” already.") % {"name": name},
            _("Nothing was changed."),
            _("Labels of the data are renamed and merged while it is checked."),
            status=409,
        )


def _with(desk: Labelling, name: str) -> list[WaitingText]:
    given = desk.texts.filter(state=WaitingText.State.LABELLED).only("pk", "labels")
    return [text for text in given.iterator() if name in text.labels]


def _forget(desk: Labelling, name: str) -> None:
    """No text is suggested to have a label that is gone."""
    for text in desk.texts.filter(state=WaitingText.State.WAITING).exclude(suggestion=[]).only("pk", "suggestion"):
        if name in text.suggestion:
            desk.texts.filter(pk=text.pk).update(suggestion=[], confidence=None)


def _no_label() -> UserError:
    return UserError(_("There is no such label."), todo=_("Reload the page."), status=404)
