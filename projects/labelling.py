"""Labelling by hand: who gets which text, what was said of it, and the dataset that is made of it.

A text is taken by a conditional UPDATE whose row count decides, so two people never have the same one; it comes free
by itself when its holder stays away."""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects import families, queue, remaking, users
from projects.errors import UserError
from projects.labels import relabelling
from projects.models import AuditEvent, Dataset, Labelling, WaitingText
from projects.quality import key
from projects.users import Doer

MOST = 20_000
"""Texts on one desk; of more, as many are drawn by chance."""
HOLD = timedelta(minutes=5)
EVERY = 10
"""So many new labels, and the texts are put in order anew."""
LAST = 40
FEWEST = 10
"""Labelled texts that a dataset is made of at least."""
State = WaitingText.State


@dataclass(frozen=True)
class Tally:
    """How far a desk is. LABELS and HAD count the data as well: a text it brought with a label is labelled."""

    waiting: int
    labelled: int
    skipped: int
    labels: dict[str, int]
    guessed: int
    judged: int
    others: int
    had: int = 0

    @property
    def total(self) -> int:
        return self.waiting + self.labelled + self.skipped


def of(dataset: Dataset) -> Labelling | None:
    return Labelling.objects.select_related("dataset__project__team", "made").filter(dataset=dataset).first()


def possible(dataset: Dataset) -> bool:
    """Whether there is something to label by hand."""
    return (
        families.of_project(dataset.project).labelled
        and dataset.state == Dataset.State.READY
        and dataset.purpose == "all"
        and bool(dataset.amounts.unlabelled)
    )


def place(dataset: Dataset) -> Dataset | None:
    """The data whose desk the texts without a label of this one are on; None where there are none.

    What a desk made leads back to it, so that the next version has the labels of both."""
    if not possible(dataset):
        return None
    made_by = Labelling.objects.select_related("dataset").filter(made=dataset).first()
    return made_by.dataset if made_by else dataset


def labels_of(dataset: Dataset) -> dict[str, int]:
    """The labels that the data brought, each with its number of texts."""
    return {name: int(many) for name, many in relabelling.facts(dataset.folder).get("labels", {}).items()}


def begin(dataset: Dataset, user: Doer, multi: bool = False) -> Labelling:
    """Puts the texts without a label on the desk, once; the labels that the data has are there already."""
    if not possible(dataset):
        raise UserError(
            _("There are no texts without a label here."),
            todo=_("Add texts without a label column, and use that data."),
            status=409,
        )
    facts = relabelling.facts(dataset.folder)
    with transaction.atomic():
        found, made = Labelling.objects.get_or_create(
            dataset=dataset, defaults={"created_by_id": users.key(user), "multi": multi or bool(facts.get("multi"))}
        )
        if made:
            _fill(found)
            for name in list(labels_of(dataset))[:200]:
                found.names.create(name=name)
            AuditEvent.record(dataset.project.team, user, "labelling.begun", dataset.name, dataset=dataset.pk)
    return found


def _fill(desk: Labelling) -> None:
    path = desk.dataset.folder / "unlabelled.jsonl"
    with path.open(encoding="utf-8") as lines:
        drawn = heapq.nsmallest(MOST, map(json.loads, lines), key=lambda one: one["id"])
    WaitingText.objects.bulk_create(
        [
            # The id is a hash, so this order is by chance and every kind of text comes up soon.
            WaitingText(
                labelling=desk,
                example_id=one["id"],
                row=one["row"],
                text=one["text"],
                priority=int(one["id"][:6], 16) / 2**25,
            )
            for one in _different(drawn)
        ],
        batch_size=500,
    )


def _different(lines: Iterable[relabelling.Example]) -> Iterator[relabelling.Example]:
    """Every text once."""
    seen = set()
    for one in lines:
        if (known := key(one["text"])) not in seen:
            seen.add(known)
            yield one


# Who gets which text ---------------------------------------------------------------------------------------


def take(desk: Labelling, user: Doer) -> WaitingText | None:
    """The text this person has already, or the next one that nobody has; None when there is none."""
    held = desk.texts.filter(state=State.WAITING, held_by=users.key(user), held_until__gt=timezone.now()).first()
    if held is not None:
        return held
    while (found := _free(desk).first()) is not None:
        now = timezone.now()
        if _free(desk).filter(pk=found.pk).update(held_by=users.key(user), held_until=now + HOLD):
            found.held_by_id, found.held_until = users.key(user), now + HOLD
            return found
    return None


def hold_on(desk: Labelling, user: Doer) -> None:
    """The person still looks at the text."""
    held = desk.texts.filter(state=State.WAITING, held_by=users.key(user), held_until__gt=timezone.now())
    held.update(held_until=timezone.now() + HOLD)


def _free(desk: Labelling) -> QuerySet[WaitingText]:
    return desk.texts.filter(_held_by_nobody(), state=State.WAITING)


def _held_by_nobody() -> Q:
    """Held longer than anybody may hold it was held before the clock was set back."""
    now = timezone.now()
    return Q(held_until__isnull=True) | Q(held_until__lte=now) | Q(held_until__gt=now + 2 * HOLD)


def give(desk: Labelling, pk: int, labels: Sequence[str], user: Doer) -> bool:
    """Labels a text; False when somebody else was quicker."""
    with transaction.atomic():
        done = changed(desk, _give(locked(desk), pk, labels, user))
    if done:
        learn_along(desk)
    return done


def locked(desk: Labelling) -> Labelling:
    """The desk for one person at a time, so that no text gets a name that is being changed."""
    return Labelling.objects.select_for_update().get(pk=desk.pk)


def _give(desk: Labelling, pk: int, labels: Sequence[str], user: Doer) -> bool:
    names = set(desk.names.values_list("name", flat=True))
    wanted = list(dict.fromkeys(label for label in labels if label in names))
    if not wanted or len(wanted) < len(set(labels)):
        raise UserError(_("No label was chosen that there is."), _("Nothing was changed."), _("Choose a label."))
    if len(wanted) > 1 and not desk.multi:
        raise UserError(_("Here a text has one label."), _("Nothing was changed."), _("Choose one label."))
    suggested = desk.texts.filter(pk=pk).values_list("suggestion", flat=True).first()
    guessed = set(suggested) == set(wanted) if suggested else None
    return _decide(desk, pk, user, state=State.LABELLED, labels=wanted, guessed=guessed)


def skip(desk: Labelling, pk: int, user: Doer) -> bool:
    return _decide(desk, pk, user, state=State.SKIPPED, labels=[])


def _decide(desk: Labelling, pk: int, user: Doer, **fields: object) -> bool:
    now = timezone.now()
    mine = Q(held_by=users.key(user)) | _held_by_nobody()
    found = desk.texts.filter(mine, pk=pk, state=State.WAITING)
    return bool(found.update(decided_by=users.key(user), decided=now, held_by=None, held_until=None, **fields))


def changed(desk: Labelling, rows: int) -> bool:
    """Notes that what was made of the desk is no longer all of it."""
    if rows:
        desk.changed = True
        Labelling.objects.filter(pk=desk.pk).update(changed=True)
    return bool(rows)


def undo(desk: Labelling, user: Doer) -> bool:
    """Takes back the last thing this person said; that text is on the screen again. False when there is nothing."""
    last = (
        desk.texts.filter(decided_by=users.key(user)).exclude(state=State.WAITING).order_by("-decided", "-pk").first()
    )
    if last is None:
        return False
    with transaction.atomic():
        desk.texts.filter(state=State.WAITING, held_by=users.key(user)).update(held_by=None, held_until=None)
        back = desk.texts.filter(pk=last.pk, decided_by=users.key(user)).exclude(state=State.WAITING)
        fresh: dict[str, object] = {"labels": [], "decided": None, "decided_by": None, "guessed": None}
        held = {"held_by": users.key(user), "held_until": timezone.now() + HOLD}
        taken = back.update(state=State.WAITING, **fresh, **held)
        return changed(desk, taken) if last.state == State.LABELLED else bool(taken)


def look_again(desk: Labelling) -> int:
    """Skipped texts wait again."""
    return desk.texts.filter(state=State.SKIPPED).update(state=State.WAITING, decided=None, decided_by=None)


# How far it is ---------------------------------------------------------------------------------------------


def tally(desk: Labelling, user: Doer = None) -> Tally:
    now = timezone.now()
    states = Counter(dict(desk.texts.order_by().values_list("state").annotate(many=Count("pk"))))
    given = desk.texts.filter(state=State.LABELLED).order_by().values_list("labels").annotate(many=Count("pk"))
    labels = Counter(labels_of(desk.dataset))
    for some, many in given:
        labels.update(dict.fromkeys(some, many))
    said = desk.texts.filter(guessed__isnull=False).order_by("-decided").values_list("guessed", flat=True)[:LAST]
    judged = [bool(one) for one in said]
    held = desk.texts.filter(state=State.WAITING, held_until__gt=now, held_by__isnull=False)
    others = held.exclude(held_by=users.key(user)) if user is not None else held
    return Tally(
        waiting=states[State.WAITING],
        labelled=states[State.LABELLED],
        skipped=states[State.SKIPPED],
        labels={name: labels[name] for name in desk.names.values_list("name", flat=True)},
        guessed=sum(judged),
        judged=len(judged),
        others=others.values("held_by").distinct().count(),
        had=desk.dataset.amounts.kept,
    )


def learn_along(desk: Labelling) -> None:
    """Every few labels, the word to a worker to put the texts in order anew."""
    if desk.texts.filter(state=State.LABELLED).count() >= desk.ranked + EVERY:
        queue.tell("rank_texts", desk.pk)


# What becomes of it ----------------------------------------------------------------------------------------


def finish(desk: Labelling, user: Doer) -> Dataset:
    """A dataset of all that is labelled up to now; the rest stays here and in the new data without a label."""
    Labelling.objects.filter(pk=desk.pk).update(changed=False)  # before it is read: what comes later changes it again
    try:
        return _made(desk, user)
    except BaseException:
        Labelling.objects.filter(pk=desk.pk).update(changed=True)
        raise


def _made(desk: Labelling, user: Doer) -> Dataset:
    given = dict(desk.texts.filter(state=State.LABELLED).values_list("example_id", "labels"))
    known = {label for labels in given.values() for label in labels}
    known |= set(relabelling.facts(desk.dataset.folder).get("labels", {}))
    if len(given) < FEWEST or len(known) < 2:
        raise UserError(
            ngettext(
                "There is not enough to learn from: %(n)d text is labelled.",
                "There is not enough to learn from: %(n)d texts are labelled.",
                len(given),
            )
            % {"n": len(given)},
            _("Every label you gave is kept."),
            _("Label at least %(n)d texts, with at least two different labels.") % {"n": FEWEST},
            status=409,
        )
    with transaction.atomic():
        made = remaking.corrected_labels(
            desk.dataset, {**relabelling.relabelled(desk.dataset), **given}, user, action="labelling.finished"
        )
        Labelling.objects.filter(pk=desk.pk).update(made=made)
    return made
