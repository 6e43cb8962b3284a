"""A new dataset out of an old one and what people corrected: answers to questions, or labels of texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects import privacy, quality, uploading
from projects.datasets import Act, create_dataset, examples
from projects.errors import UserError
from projects.labels import relabelling
from projects.models import Dataset, Project
from projects.users import Doer

State = Dataset.State
ROLES = ("text", "label")  # the columns of a file of labelled texts that the studio writes itself


def dataset_from_corrections(
    project: Project, pairs: Sequence[tuple[str, str]], user: Doer, train_with: str = ""
) -> Dataset:  # fmt: skip
    """A new dataset: the newest ready one with the corrected answers. It is read and made ready by itself.

    TRAIN_WITH: the preset of a training that begins then."""
    source = project.datasets.filter(state=State.READY, purpose="all").first()
    if source is None or not pairs:
        raise UserError(
            _("There is nothing to put the corrections into."), todo=_("Add data to the project first."), status=409
        )
    name = ngettext("%(name)s with %(n)d correction", "%(name)s with %(n)d corrections", len(pairs)) % {
        "name": source.name[:200],
        "n": len(pairs),
    }
    roles = [role.name for role in project.case.roles][:2]
    with transaction.atomic():
        upload = uploading.store(project, user, f"{name}.jsonl", _corrected(source, pairs, roles))
        given: dict[str, object] = {"name": name, "mapping": {role: role for role in roles}, "choices": source.choices}
        corrected = [question for question, _answer in pairs]
        act = Act("corrections.used", {"corrections": len(pairs)})
        return create_dataset(project, upload, user, [source], act, **given, **_follows(source, corrected, train_with))


def corrected_labels(
    source: Dataset,
    labels: Mapping[str, Sequence[str]],
    user: Doer,
    extra: Sequence[tuple[str, Sequence[str]]] = (),
    train_with: str = "",
    action: str = "labels.corrected",
) -> Dataset:
    """A new dataset: SOURCE with other labels for some examples (by id) and with EXTRA texts. Made ready by itself.

    TRAIN_WITH: the preset of a training that begins then. ACTION: what was done, for the record."""
    if source.state != State.READY or not (labels or extra):
        raise UserError(_("There is no corrected label to put into the data."), todo=_("Correct a label first."))
    facts = relabelling.facts(source.folder)
    several = facts.get("multi") or any(len(one) > 1 for one in [*labels.values(), *(one for _text, one in extra)])
    known = [*facts.get("labels", {}), *(one for some in labels.values() for one in some)]
    sign = relabelling.sign_for([*known, *(one for _text, some in extra for one in some)]) if several else ""
    many = len(labels) + len(extra)
    name = ngettext("%(name)s, %(n)d text labelled here", "%(name)s, %(n)d texts labelled here", many) % {
        "name": source.name[:200],
        "n": many,
    }
    choices = {flag: choice for flag, choice in source.choices.items() if flag != "labels"}
    choices |= {"labels": {"split": sign}} if sign else {}
    with transaction.atomic():
        lines = relabelling.corrected(source.folder, labels, extra, sign)
        upload = uploading.store(source.project, user, f"{name}.jsonl", lines)
        roles = [role.name for role in source.project.case.roles[:2]]
        given: dict[str, object] = {"name": name, "mapping": dict(zip(roles, ROLES, strict=True)), "choices": choices}
        given |= _follows(source, [text for text, _labels in extra], train_with)
        act = Act(action, {"labels": many})
        return create_dataset(source.project, upload, user, [source], act, **given)


def _follows(source: Dataset, corrected: Iterable[str], train_with: str) -> dict[str, object]:
    """What a dataset takes over from the one it is made of, and which texts a person has settled for good."""
    keys = {quality.key(privacy.mask(text)) for text in corrected}
    pinned = [*source.pinned, *sorted(keys.difference(source.pinned))]
    return {"accepted": True, "pinned": pinned, "train_with": train_with, "tested_by": source.tested_by}


def _corrected(source: Dataset, pairs: Sequence[tuple[str, str]], roles: Sequence[str]) -> Iterator[bytes]:
    """The rows of the new file as JSON Lines: a corrected question replaces every old answer to it."""
    right = {_key(question): (question, answer) for question, answer in pairs}
    for question, answer in examples(source.folder):
        if _key(question) not in right:
            yield _line(roles, question, answer)
    for question, answer in right.values():
        yield _line(roles, question, answer)


def _line(roles: Sequence[str], question: str, answer: str) -> bytes:
    return json.dumps(dict(zip(roles, (question, answer), strict=True)), ensure_ascii=False).encode() + b"\n"


def _key(question: str) -> str:
    """The same for a question with and without its end mark; other signs can tell questions apart."""
    return " ".join(question.casefold().split()).rstrip("?!.？！。… ")
