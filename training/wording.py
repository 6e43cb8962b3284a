"""Codes and facts of trainings as sentences in the reader's language: parts, log lines, reasons, durations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects import language

Facts = Mapping[str, Any]


def duration(seconds: float) -> str:
    """About how long, rounded as a person would say it."""
    if seconds < 50:
        return _("less than a minute")
    minutes = round(seconds / 60)
    if minutes < 55:
        minutes = minutes if minutes < 10 else round(minutes / 5) * 5
        return ngettext("about %(n)s minute", "about %(n)s minutes", minutes) % {"n": minutes}
    hours = round(seconds / 3600 * 2) / 2
    if hours < 36:
        shown = number_format(hours, 0 if hours == int(hours) else 1)
        return ngettext("about %(n)s hour", "about %(n)s hours", 1 if hours == 1 else 2) % {"n": shown}
    days = round(hours / 24)
    return ngettext("about %(n)s day", "about %(n)s days", days) % {"n": days}


def longer(seconds: float, name: str) -> str:
    """How much more time it takes than another choice, where both sound alike when they are rounded."""
    if seconds < 10:
        return _("With this data it takes as long as %(name)s.") % {"name": name}
    tens = int(min(max(round(seconds / 10), 1), 5) * 10) if seconds < 55 else 0
    more = _("about %(n)s seconds") % {"n": tens} if tens else duration(seconds)
    return _("Takes %(duration)s longer than %(name)s.") % {"duration": more, "name": name}


def left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 50:
        return _("less than a minute left")
    return _("%(duration)s left") % {"duration": duration(seconds)}


def number(value: float | str, digits: int = 0) -> str:
    return str(number_format(round(float(value), digits), digits, force_grouping=True))


def preset_titles() -> dict[str, str]:
    return {"quick": _("Quick"), "balanced": _("Balanced"), "thorough": _("Thorough")}


def phase(name: str) -> str:
    """What happens now, for the head of the page and for the log."""
    return {
        "reading": _("Reading your examples"),
        "embedding": _("Reading what the texts mean"),
        "preparing": _("Preparing the examples"),
        "simple": _("Trying the simple methods first"),
        "training": _("Training"),
        "choosing": _("Choosing how it answers best"),
        "saving": _("Saving the model"),
        "evaluating": _("Measuring on examples it has never seen"),
        "refitting": _("Learning what it was measured on, too"),
    }.get(name, _("Getting ready"))


def log_line(code: str, facts: Facts) -> str:
    words = LOG.get(code)
    return words(facts) if words else ""


def reason(code: str, facts: Facts) -> str:
    words = REASONS.get(code)
    return words(facts) if words else ""


def reasons(pairs: list[Any]) -> list[str]:
    return [sentence for code, facts in pairs if (sentence := reason(code, facts))]


# Log lines -------------------------------------------------------------------------------------------------


def _hardware(facts: Facts) -> str:
    if facts.get("device") == "cuda":
        return _("This machine has a GPU, so the training runs on it.")
    if facts.get("reason") == "cpu_bf16":
        return _("This processor has a faster way to do the sums, which makes training about twice as fast.")
    return _("The training runs on the processor.")


def _policy(facts: Facts) -> str:
    if float(facts.get("hand_over", 2)) > 1:
        return _("On trial questions its own words were best, so it always writes its answers itself.")
    return _(
        "On trial questions known answers were best given word for word when the question is at least "
        "%(percent)s %% alike. Otherwise it writes its own."
    ) % {"percent": number(float(facts["hand_over"]) * 100)}


def _shortened(facts: Facts) -> str:
    count = int(facts.get("count", 0))
    return ngettext(
        "%(n)s example was very long and was shortened.", "%(n)s examples were very long and were shortened.", count
    ) % {"n": number(count)}


def _dropped(facts: Facts) -> str:
    count = int(facts.get("count", 0))
    return ngettext(
        "%(n)s example could not be used and was left out.",
        "%(n)s examples could not be used and were left out.",
        count,
    ) % {"n": number(count)}


def _short_answers(facts: Facts) -> str:
    count = int(facts.get("count", 0))
    return ngettext(
        "%(n)s answer of a word or two is not learned from, but stays a known answer.",
        "%(n)s answers of a word or two are not learned from, but stay known answers.",
        count,
    ) % {"n": number(count)}


def _blend(facts: Facts) -> str:
    ours = round(float(facts.get("lora") or 0) * 100)
    if ours >= 100:
        return _("On trial texts the trained model was best alone, so no simple method is mixed in.")
    if ours <= 0:
        return _("On trial texts the trained model added nothing clear, so the simple methods answer without it.")
    return _("On trial texts a mixture was best: %(percent)s %% trained model, the rest simple methods.") % {
        "percent": number(ours)
    }


def _second_encoder(facts: Facts) -> str:
    return _("A second untrained model (%(name)s) reads the texts too; it often sees what the first one misses.") % {
        "name": facts.get("name", "")
    }


def _asking_live(facts: Facts) -> str:
    count = int(facts.get("count", 0))
    return ngettext(
        "Version %(v)s, which is live, answers %(n)s of the test rows too, which is new to it as well.",
        "Version %(v)s, which is live, answers %(n)s of the test rows too, which are new to it as well.",
        count,
    ) % {"n": number(count), "v": facts.get("number", "")}


LOG: dict[str, Callable[[Facts], str]] = {
    "phase": lambda facts: phase(str(facts.get("name"))) + _("."),
    "hardware": _hardware,
    "asking_live": _asking_live,
    "resumed": lambda facts: (
        _("Going on from step %(step)s, where the last checkpoint was.") % {"step": number(facts.get("step", 0))}
    ),
    "smaller_steps": lambda facts: _(
        "Memory got short, so each step is done in smaller pieces. The result is the same."
    ),
    "early_stop": lambda facts: (
        _("It stopped getting better after step %(best)s, so that state is kept.")
        % {"best": number(facts.get("best", 0))}
    ),
    "dropped_examples": _dropped,
    "shortened": _shortened,
    "short_answers": _short_answers,
    "policy": _policy,
    "blend": _blend,
    "second_encoder": _second_encoder,
    "one_encoder": lambda facts: _(
        "This studio has one untrained model for this language, so there is no second one to compare with."
    ),
    "worker_gone": lambda facts: _(
        "The program that trained was stopped. The next one goes on from the last checkpoint."
    ),
    "cancelled": lambda facts: _("It was cancelled."),
    "fetching": lambda facts: _("Fetching the base model %(title)s.") % {"title": facts.get("title", "")},
}


# Reasons ---------------------------------------------------------------------------------------------------


def _base(facts: Facts) -> str:
    if not facts.get("language"):
        return _("It starts from %(title)s, the base model of this use case.") % {"title": facts["title"]}
    return _("It starts from %(title)s, because most of your rows are in %(language)s.") % {
        "title": facts["title"],
        "language": language.name_of(str(facts["language"])),
    }


def _other_language(facts: Facts) -> str:
    return _(
        "It starts from %(title)s. That model does not know %(language)s well, so expect it to lean on known answers."
    ) % {"title": facts["title"], "language": language.name_of(str(facts["language"]))}


def _budget(facts: Facts) -> str:
    return _("Of that time, learning itself takes %(duration)s: enough for about %(rows)s examples.") % {
        "duration": duration(float(facts["seconds"])),
        "rows": number(facts["rows"]),
    }


def _epochs(facts: Facts) -> str:
    return ngettext(
        "It sees all %(rows)s examples %(times)s time.",
        "It sees all %(rows)s examples %(times)s times.",
        1 if float(facts["epochs"]) == 1 else 2,
    ) % {"rows": number(facts["rows"]), "times": f"{float(facts['epochs']):g}"}


def _put_aside(facts: Facts) -> str:
    return ngettext(
        "%(rows)s of the %(of)s examples is not learned from while training: it chooses how the texts are labelled best. "
        "What you publish knows it too.",
        "%(rows)s of the %(of)s examples are not learned from while training: they choose how the texts are labelled best. "
        "What you publish knows them too.",
        int(facts["rows"]),
    ) % {"rows": number(facts["rows"]), "of": number(facts["of"])}


def _tested(facts: Facts) -> str:
    return _("The report uses %(rows)s of the %(held)s rows kept apart; more would take longer and say the same.") % {
        "rows": number(facts["rows"]),
        "held": number(facts["held_out"]),
    }


def _measured(facts: Facts) -> str:
    count = int(facts["count"])
    return ngettext(
        "The time is taken from the last training on this machine.",
        "The time is taken from the last %(n)s trainings on this machine.",
        count,
    ) % {"n": count}


def _cores(facts: Facts) -> str:
    count = int(facts["cores"])
    return ngettext(
        "It runs on the processor of this machine, which has %(n)s core.",
        "It runs on the processor of this machine, which has %(n)s cores.",
        count,
    ) % {"n": count}


def _recommend_steps(facts: Facts) -> str:
    examples, rows = int(facts.get("examples", 0)), int(facts.get("rows", 0))
    if rows and examples >= rows:
        return _("It learns from every choice that people made, and from the texts of the items.")
    return _(
        "It learns from every choice that people made; the texts of the items learn from %(examples)s of them."
    ) % {"examples": number(examples)}


def _evaluation_people(facts: Facts) -> str:
    return _("The report is made on %(people)s of %(all)s people; more would hardly change it.") % {
        "people": number(facts.get("people", 0)),
        "all": number(facts.get("all", 0)),
    }


def _text_budget(facts: Facts) -> str:
    said = {"duration": duration(float(facts["seconds"])), "rows": number(facts["rows"]), "of": number(facts["of"])}
    if int(facts["rows"]) >= int(facts["of"]):
        return (
            _(
                "Of that time, reading takes %(duration)s: enough for %(rows)s texts, so it reads yours as often as fits."
            )
            % said
        )
    return _("Of that time, reading takes %(duration)s: enough for about %(rows)s of your %(of)s texts.") % said


REASONS: dict[str, Callable[[Facts], str]] = {
    "base_model": _base,
    "base_other_language": _other_language,
    "retrieved": lambda facts: _("While it learns, it sees the closest known answer, as it will when it answers."),
    "learning_rate": lambda facts: _("How much each example changes it was set to what worked best when we measured."),
    "compared_with_simple": lambda facts: _(
        "Simple methods learn from the same texts. The report says which way is best, and you publish that one."
    ),
    "text_budget": _text_budget,
    "token_budget": _budget,
    "epochs": _epochs,
    "put_aside": _put_aside,
    "evaluation_rows": _tested,
    "recommend_steps": _recommend_steps,
    "evaluation_people": _evaluation_people,
    "no_bf16": lambda facts: _(
        "This processor lacks a faster way to do the sums, so training takes about twice as long."
    ),
    "measured_speed": _measured,
    "tested_speed": lambda facts: _("The time comes from a short speed test of this machine."),
    "assumed_speed": lambda facts: _("No training has run here yet, so the time is that of a usual machine."),
    "queue_gpu": lambda facts: _("A graphics card is free, so it runs there."),
    "queue_cpu": _cores,
    "no_worker": lambda facts: _(
        "The program that trains is not running at the moment. The training waits until it starts."
    ),
    "own_setting": lambda facts: _("You set “%(name)s” yourself.") % {"name": setting(str(facts["name"]))},
}


def setting(name: str) -> str:
    """What a setting of the expert drawer is called."""
    from training.forms import SETTINGS

    return str(SETTINGS[name].label) if name in SETTINGS else name
