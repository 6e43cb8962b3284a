"""The report of a recommender: how often the next thing is among the ten shown, and what simple lists manage."""

from __future__ import annotations

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.usecases import UseCase
from training.reports.comparing import Comparison, bar
from training.reports.verdict import Verdict

SYSTEMS = (
    "tuned", "popularity", "recent", "itemknn", "ease", "itemknn_recency", "ease_recency", "content",
)  # fmt: skip
CONTRACT = {"ndcg@10": "ndcg@10", "recall@10": "recall@10"}
METRICS = ("hit@10", "ndcg@10", "recall@10", "coverage", "novelty")
FEW = 100
EXAMPLES = 8
Row = dict[str, Any]


def titles() -> dict[str, str]:
    return {
        "tuned": _("Your trained model"),
        "popularity": _("Best sellers"),
        "recent": _("Best sellers of the last weeks"),
        "itemknn": _("Taken together (item-kNN)"),
        "ease": _("Patterns of what goes together (EASE)"),
        "itemknn_recency": _("Taken together, newest first (item-kNN)"),
        "ease_recency": _("Patterns, newest first (EASE)"),
        "content": _("Alike in words"),
    }


def answers() -> dict[str, str]:
    return titles() | {"tuned": _("The trained model")}


# The verdict -----------------------------------------------------------------------------------------------


def verdict(report: dict[str, Any]) -> Verdict | None:
    """In words, and only what the figures allow."""
    if not report.get("scores"):
        return None
    found = report["verdict"]
    sentences = [_against(found), _new(report), _care(report), _advice(found)]
    facts = {"hits": number_format(found["hits_of_100"]), "popular": number_format(found["popularity_hits_of_100"])}
    return Verdict(
        kind={"better": "good", "same": "even"}.get(found["against_best"], "bad"),
        headline=_(
            "In %(hits)s of 100 cases the next thing taken is among the ten shown. A list of best sellers manages %(popular)s."
        )
        % facts,
        sentences=[sentence for sentence in sentences if sentence],
        recommend=found["recommend"],
        figure=int(found["hits_of_100"]),
        of=100,
        figure_label=_("cases in which one of the ten is right"),
    )


def _against(found: dict[str, Any]) -> str:
    name = {"name": titles()[found["best_simple"]]}
    return {
        "better": _("The trained model is clearly better than the best simple method: %(name)s."),
        "same": _("The trained model and the best simple method cannot be told apart: %(name)s."),
        "worse": _("A simple method is better than the trained model: %(name)s."),
    }[found["against_best"]] % name


def _new(report: dict[str, Any]) -> str:
    new = report.get("new_items")
    if not new or not new["ndcg@10"]["random"]["mean"]:  # once drawn by chance, which may have found nothing at all
        return ""
    return _(
        "New things that nobody took yet are found %(times)s times as often as by chance, from their texts alone."
    ) % {"times": _times(float(new["times_random"]))}


def _times(value: float) -> str:
    return str(number_format(round(value) if value >= 3 else round(value, 1)))  # number_format alone cuts digits off


def _care(report: dict[str, Any]) -> str:
    people = int(report["people"])
    if people >= FEW:
        return ""
    return ngettext(
        "Only %(n)s person could be tested, so take the figures as a hint.",
        "Only %(n)s people could be tested, so take the figures as a hint.",
        people,
    ) % {"n": number_format(people)}


def _advice(found: dict[str, Any]) -> str:
    if found["recommend"] == "tuned":
        return _("Ready to publish.")
    return _(
        "For people with a history we recommend to publish the simple method. Sentences and new things are answered by the "
        "trained text model in any case."
    )


def caution(report: dict[str, Any]) -> str:
    if (report.get("verdict") or {}).get("against_best") == "worse":
        return _("For people it had never seen, the trained model recommended worse than a simple method.")
    return ""


# The page --------------------------------------------------------------------------------------------------


def context(case: UseCase, report: dict[str, Any]) -> dict[str, Any]:
    names = report.get("titles") or {}
    rows = sorted(report["rows"], key=lambda row: -row["hits"])
    middle = [row for row in rows if row["hits"] == 1]
    return {
        "comparisons": [_comparison(case, report, metric) for metric in METRICS if metric in report["scores"]["tuned"]],
        "protocol": _protocol(report),
        "hits": [example(row, names) for row in (rows[:2] + middle[:2])],
        "misses": [example(row, names) for row in rows if not row["hits"]][:EXAMPLES],
        "new": _new_items(report),
        "sentences": _sentences(report),
        "conditions": _conditions(report),
        "blend": _blend(report),
    }


def _comparison(case: UseCase, report: dict[str, Any], metric: str) -> Comparison:
    names = titles()
    found = {system: report["scores"][system][metric] for system in SYSTEMS if system in report["scores"]}
    say = (lambda value: str(number_format(round(value, 1), 1))) if metric == "novelty" else of_100
    top = max([one["high"] for one in found.values()] + [1e-9])
    bars = [bar(system, names[system], one, top, say) for system, one in found.items()]
    return Comparison(metric, str(case.metrics.get(metric, metric)), False, bars, _difference(report, metric))


def _difference(report: dict[str, Any], metric: str) -> str:
    found = report["differences"]["tuned_minus_best"].get(metric)
    if not found or metric in ("coverage", "novelty"):
        return ""
    name = {"name": titles()[report["best_simple"]], "n": of_100(abs(found["mean"]))}
    if found["low"] <= 0 <= found["high"]:
        return _("The trained model and %(name)s cannot be told apart here.") % name
    if found["low"] > 0:
        return _("The trained model is better than %(name)s by %(n)s.") % name
    return _("%(name)s is better than the trained model by %(n)s.") % name


def _protocol(report: dict[str, Any]) -> str:
    people = number_format(report["people"])
    if report["protocol"] == "next_basket":
        return _(
            "For %(people)s people the last purchase was kept apart, the whole basket, and guessed from everything before it."
        ) % {"people": people}
    return _("For %(people)s people what they took last was kept apart and guessed from everything before it.") % {
        "people": people
    }


def example(row: Row, names: dict[str, str]) -> dict[str, Any]:
    """One person: what they had, the ten shown, and which of them they really took."""
    taken = set(row["taken"])
    return {
        "history": [names.get(item, item) for item in row["history"][-6:]],
        "shown": [(names.get(item, item), item in taken) for item, _score in row["shown"]],
        "taken": [names.get(item, item) for item in row["taken"][:10]],
        "hits": row["hits"],
    }


def _new_items(report: dict[str, Any]) -> list[tuple[str, str]]:
    new = report.get("new_items")
    if not new:
        return []
    words = {"tuned": titles()["tuned"], "tfidf": _("Counting words"), "embedding": _("Likeness of meaning")}
    words |= {"ridge": _("From text to patterns"), "random": _("By chance")}
    return [(words.get(name, name), of_100(one["mean"])) for name, one in new["ndcg@10"].items()]


def _sentences(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Who searches, and how well it finds a thing from a part of its description, without and with typos."""
    found = report.get("sentences")
    if not found:
        return []
    words = {"tuned": titles()["tuned"], "tfidf": _("Counting words"), "frozen": _("Likeness of meaning")}
    words |= {"frozen_tfidf": _("Both of these")}
    return [
        (words[name], of_100(found["plain"][name]["mean"]), of_100(found["typos"][name]["mean"]))
        for name in ("tuned", "frozen_tfidf", "frozen", "tfidf")
    ]


def _conditions(report: dict[str, Any]) -> str:
    found = report.get("conditions") or {}
    if not found.get("shown"):
        return ""
    return _("Of %(shown)s things shown under a condition on price or stock, %(held)s fulfilled it.") % {
        "shown": number_format(found["shown"]),
        "held": number_format(found["held"]),
    }


def _blend(report: dict[str, Any]) -> str:
    return ", ".join(f"{name} {percent(share)}" for name, share in (report.get("blend") or {}).items() if share >= 0.01)


# Elsewhere -------------------------------------------------------------------------------------------------


def facts(report: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (_("People in the test"), number_format(report["people"])),
        (_("Things in the catalogue"), number_format(report["items"])),
        (_("Made of"), _blend(report)),
    ]


def columns() -> list[str]:
    return [_("Right among ten, of 100"), _("How high up (ndcg@10)"), _("Share found (recall@10)")]


def figures(report: dict[str, Any]) -> list[str]:
    scores = report["scores"]["tuned"]
    return [of_100(scores[metric]["mean"]) if metric in scores else "–" for metric in METRICS[:3]]


def brief(report: dict[str, Any]) -> str:
    return _("Right among ten in %(n)s of 100 cases") % {"n": figures(report)[0]}


def of_100(value: float) -> str:
    return str(number_format(round(value * 100, 1), 1))


def percent(value: float) -> str:
    return _("%(n)s %%") % {"n": number_format(round(value * 100))}
