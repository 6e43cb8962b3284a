"""What went wrong with a training, in sentences: what happened, what is safe, the one thing to do next."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects import claims
from projects.errors import reference
from training.ml import families
from training.ml.config import TrainConfig
from training.ml.errors import LearningError
from training.models import TrainingRun

logger = logging.getLogger(__name__)
Facts = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """A problem as a person reads it. `action` is what the button says; `again` whether trying again makes sense."""

    what: str
    safe: str
    todo: str
    action: str = ""
    again: bool = True
    ref: str = ""


def record(run: TrainingRun, error: BaseException) -> dict[str, object]:
    """The error as the row keeps it: a code and facts, and the reference under which the log has the rest."""
    ref = reference()
    code, facts = _classify(error)
    if code == "unexpected":
        logger.error("Run %s failed, reference %s", run.pk, ref, exc_info=error)
    else:
        logger.warning("Run %s ended with %s, reference %s: %s", run.pk, code, ref, error)
    return {"code": code, "facts": {k: _plain(v) for k, v in facts.items()}, "ref": ref}


def lost(run: TrainingRun, times: int) -> dict[str, object]:
    """The error of a run whose workers were lost again and again, with what became of them."""
    error = claims.given_up(run, times, _kept())
    return {"code": "worker_lost", "facts": {"count": times, "what": error.what, "todo": error.todo}, "ref": ""}


def _classify(error: BaseException) -> tuple[str, Facts]:
    if isinstance(error, LearningError):
        return error.code, dict(error.facts)
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return "out_of_memory", {}
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "disk_full", {}
    if type(error).__name__ == "FetchError":
        return "base_not_fetched", {"reason": str(error)}
    if isinstance(error, FileNotFoundError) and str(error.filename or "").endswith(".jsonl"):
        return "data_gone", {}
    return "unexpected", {}


def _plain(value: object) -> object:
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def worded(run: TrainingRun) -> Problem:
    """The stored error in the reader's language."""
    stored = run.error or {}
    words = WORDS.get(stored.get("code", ""), _unexpected)
    problem = words(stored.get("facts", {}))
    return Problem(problem.what, problem.safe, problem.todo, problem.action, problem.again, stored.get("ref", ""))


def remedy(run: TrainingRun) -> dict[str, object]:
    """The settings that change when this run is tried again."""
    code = (run.error or {}).get("code")
    if code == "out_of_memory":
        # One long example is what fills the memory once a step has been cut to single examples.
        least, config = families.of(run.project.case.family).presets.MEMORY, TrainConfig.from_json(run.config)
        return {name: max(smallest, getattr(config, name) // 2) for name, smallest in least.items()}
    if code == "not_a_number":
        return {"learning_rate": TrainConfig.from_json(run.config).learning_rate / 4}
    return {}


def _safe() -> str:
    return _("Your data and your earlier models are safe.")


def _kept() -> str:
    return _("Your data is safe, and so is everything learned up to the last checkpoint.")


def _again() -> str:
    return _("Try again")


def _too_little(facts: Facts) -> Problem:
    found, needed = int(facts.get("found", 0)), int(facts.get("needed", 0))
    what = ngettext(
        "There is %(found)s usable example. At least %(needed)s are needed to learn from.",
        "There are %(found)s usable examples. At least %(needed)s are needed to learn from.",
        found,
    ) % {"found": number_format(found), "needed": number_format(needed)}
    return Problem(what, _safe(), _("Add more rows to your file and upload it again."), again=False)


def _too_few_people(facts: Facts) -> Problem:
    found = int(facts.get("found", 0))
    what = ngettext(
        "Only %(found)s person chose something on two occasions or more. At least %(needed)s such people are needed to learn from.",
        "Only %(found)s people chose something on two occasions or more. At least %(needed)s such people are needed to learn from.",
        found,
    ) % {"found": number_format(found), "needed": number_format(int(facts.get("needed", 0)))}
    return Problem(what, _safe(), _("Add a longer stretch of your log and upload it again."), again=False)


def _nobody_known(facts: Facts) -> Problem:
    what = _("Nobody of your test file stands in the data to learn from, so there is no history to predict from.")
    return Problem(what, _safe(), _("Bring a test file about the same people, or none."), again=False)


def _too_few_items(facts: Facts) -> Problem:
    found = int(facts.get("found", 0))
    what = ngettext(
        "There is only %(found)s different item. At least %(needed)s are needed to choose from.",
        "There are only %(found)s different items. At least %(needed)s are needed to choose from.",
        found,
    ) % {"found": number_format(found), "needed": number_format(int(facts.get("needed", 0)))}
    return Problem(
        what, _safe(), _("Add a log with more different items, or with a longer stretch of time."), again=False
    )


def _same_answers(facts: Facts) -> Problem:
    what = ngettext(
        "There is only %(count)s example, so there is nothing to tell apart.",
        "All %(count)s examples have the same answer, so there is nothing to learn.",
        int(facts.get("count", 0)),
    )
    return Problem(
        what % {"count": number_format(int(facts.get("count", 0)))},
        _safe(),
        _("Check which column is the answer, and import the data again."),
        again=False,
    )


def _one_label(facts: Facts) -> Problem:
    what = ngettext(
        "There is only %(count)s text, with the label “%(label)s”, so there is nothing to tell apart.",
        "All %(count)s texts have the label “%(label)s”, so there is nothing to tell apart.",
        int(facts.get("count", 0)),
    )
    return Problem(
        what % {"count": number_format(int(facts.get("count", 0))), "label": facts.get("label", "")},
        _safe(),
        _("Add texts with another label, or check which column is the label."),
        again=False,
    )


def _no_words(facts: Facts) -> Problem:
    what = ngettext(
        "The only example (%(count)s) has no answer with words in it.",
        "None of the %(count)s examples has an answer with words in it.",
        int(facts.get("count", 0)),
    )
    return Problem(
        what % {"count": number_format(int(facts.get("count", 0)))},
        _safe(),
        _("Check which column is the answer, and import the data again."),
        again=False,
    )


def _not_a_number(facts: Facts) -> Problem:
    return Problem(
        _("The training lost its balance at step %(step)s: its error could not be measured any more.")
        % {"step": number_format(int(facts.get("step", 0)))},
        _safe(),
        _("Try again with smaller learning steps. Atelier sets them for you."),
        _("Try again with smaller steps"),
    )


def _out_of_memory(_facts: Facts) -> Problem:
    return Problem(
        _("The memory of this machine was not enough, even after the work was cut into smaller pieces."),
        _safe(),
        _("Try again with shorter examples and smaller pieces, or close other programs first."),
        _("Try again with smaller pieces"),
    )


def _broken_model(_facts: Facts) -> Problem:
    return Problem(
        _("A file of the trained model is missing or was changed after it was saved."),
        _safe(),
        _("Try again. The training goes on from its last checkpoint."),
        _again(),
    )


def _missing_base(_facts: Facts) -> Problem:
    return Problem(
        _("The base model is not on this machine."),
        _safe(),
        _("Ask whoever runs the studio to fetch the base models, then try again."),
        _again(),
    )


def _missing_device(_facts: Facts) -> Problem:
    return Problem(
        _("This studio is set to train on a graphics card that is not there."),
        _safe(),
        _("Ask whoever runs the studio to look at ATELIER_DEVICE, then try again."),
        _again(),
    )


def _not_fetched(facts: Facts) -> Problem:
    return Problem(
        _("The base model could not be downloaded."),
        _safe(),
        _("Check that this machine reaches the package index, then try again."),
        _again(),
    )


def _wrong_base(facts: Facts) -> Problem:
    return Problem(
        _("This model was trained on %(expected)s, but %(found)s is there now.")
        % {"expected": facts.get("expected", ""), "found": facts.get("found", "")},
        _safe(),
        _("Start a new training with the base model that is there now."),
        again=False,
    )


def _disk_full(_facts: Facts) -> Problem:
    return Problem(
        _("The disk is full, so the training could not be saved."),
        _kept(),
        _("Free some space on the machine, then try again. It goes on where it stopped."),
        _("Go on where it stopped"),
    )


def _data_gone(_facts: Facts) -> Problem:
    return Problem(
        _("The prepared examples of this data are not there any more."),
        _("Your earlier models are safe."),
        _("Upload the data again and start a new training."),
        again=False,
    )


def _worker_lost(facts: Facts) -> Problem:
    count = int(facts.get("count", 0))
    what = ngettext(
        "The training stopped %(count)s time without getting further.",
        "The training stopped %(count)s times without getting further.",
        count,
    )
    why = " ".join([what % {"count": number_format(count)}, str(facts.get("what", ""))]).strip()
    return Problem(why, _kept(), str(facts.get("todo", "")) or _("Try again."), _again())


def _unexpected(_facts: Facts) -> Problem:
    return Problem(
        _("The training stopped for a reason that we did not foresee."),
        _kept(),
        _("Try again. If it stops again, give the reference to whoever runs the studio."),
        _("Go on where it stopped"),
    )


WORDS: dict[str, Callable[[Facts], Problem]] = {
    "too_little_data": _too_little,
    "too_few_people": _too_few_people,
    "too_few_items": _too_few_items,
    "nobody_known": _nobody_known,
    "same_answers": _same_answers,
    "one_label": _one_label,
    "no_words": _no_words,
    "not_a_number": _not_a_number,
    "out_of_memory": _out_of_memory,
    "broken_model": _broken_model,
    "missing_base": _missing_base,
    "missing_device": _missing_device,
    "base_not_fetched": _not_fetched,
    "wrong_base": _wrong_base,
    "disk_full": _disk_full,
    "data_gone": _data_gone,
    "worker_lost": _worker_lost,
    "unexpected": _unexpected,
}
