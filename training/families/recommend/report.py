"""The report of a recommender: how often the next thing is among the ten shown, and what simple lists manage."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.enumerating import sentences
from projects.usecases import UseCase
from training.comparisons import Comparison, bar
from training.ml.recommend.report import Report, Tested
from training.ml.recommend.report import Verdict as Judgement
from training.ml.stored import Stored
from training.sureness import Certainty
from training.verdicts import Caution, Verdict

SYSTEMS: tuple[str, ...] = (
    "tuned", "popularity", "recent", "itemknn", "ease", "itemknn_recency", "ease_recency", "content",
)  # fmt: skip
CONTRACT = {"ndcg@10": "ndcg@10", "recall@10": "recall@10"}
METRICS = ("hit@10", "ndcg@10", "recall@10", "coverage", "novelty")
FEW = 100
EXAMPLES = 8


def titles() -> dict[str, str]:
    return {
        "tuned": _("Your trained model"),
        "popularity": _("Most popular"),
        "recent": _("Most popular of the last weeks"),
        "itemknn": _("Chosen together (item-kNN)"),
        "ease": _("Patterns of what goes together (EASE)"),
        "itemknn_recency": _("Chosen together, newest first (item-kNN)"),
        "ease_recency": _("Patterns, newest first (EASE)"),
        "content": _("Alike in words"),
    }


def answers() -> dict[str, str]:
    return titles() | {"tuned": _("The trained model")}


# The verdict -----------------------------------------------------------------------------------------------


def verdict(report: Report) -> Verdict | None:
    """In words, and only what the figures allow."""
    if not report.scores:
        return None
    found, tested = report.verdict, min(report.people, 100)
    sentences = [_against(found), _new(report), _care(report), _advice(found)]
    facts = {
        "name": titles()[found.recommend],
        "hits": number_format(found.hits_of_100),
        "popular": number_format(found.popularity_hits_of_100),
    }
    return Verdict(
        kind={"better": "good", "same": "even"}.get(found.against_best, "bad"),
        headline=(
            _(
                "In %(hits)s of 100 cases the next thing that somebody chose is among the ten shown. A list of the most popular manages %(popular)s."
            )
            if found.recommend == "tuned"
            else _(
                "With %(name)s the next thing that somebody chose is among the ten shown in %(hits)s of 100 cases. A list of the most popular manages %(popular)s."
            )
        )
        % facts,
        sentences=[sentence for sentence in sentences if sentence],
        recommend=found.recommend,
        figure=round(found.hits_of_100 * tested / 100),
        of=tested,
        badge=_("A simple method does as well") if found.against_best == "same" else "",
        figure_label=ngettext(
            "case in which one of the ten is right",
            "cases in which one of the ten is right",
            tested,
        ),
        few=report.people < FEW,
    )


def _against(found: Judgement) -> str:
    name = {"name": titles()[found.best_simple]}
    return {
        "better": _("The trained model puts the right things clearly higher up than the best simple method: %(name)s."),
        "same": _(
            "By how high up the right things stand, the trained model and the best simple method cannot be told apart: %(name)s."
        ),
        "worse": _("A simple method puts the right things higher up than the trained model: %(name)s."),
    }[found.against_best] % name


def _new(report: Report) -> str:
    new = report.new_items
    if not new or not new.ndcg["random"].mean:  # once drawn by chance, which may have found nothing at all
        return ""
    said = _(
        "New things that nobody chose yet stand %(times)s times as high up as by chance, from their texts alone."
    ) % {"times": _times(new.times_random)}
    if new.ratio_to_best is None or new.ratio_to_best.mean >= 1:
        return said
    simple = _new_names().get(new.best_simple, new.best_simple)
    return sentences([said, _("A simple way puts them as high or higher: %(name)s.") % {"name": simple}])


def _times(value: float) -> str:
    return str(number_format(round(value) if value >= 3 else round(value, 1)))  # number_format alone cuts digits off


def _care(report: Report) -> str:
    people = report.people
    if people >= FEW:
        return ""
    return ngettext(
        "Only %(n)s person could be tested, so take the figures as a hint.",
        "Only %(n)s people could be tested, so take the figures as a hint.",
        people,
    ) % {"n": number_format(people)}


def _advice(found: Judgement) -> str:
    if found.recommend == "tuned":
        return _("Ready to publish.")
    return _(
        "For people with a history we recommend to publish the simple method. Sentences and new things are answered by the "
        "trained text model in any case."
    )


def beside(ours: float, theirs: float, rows: int, number: int) -> str:
    """What this version and version NUMBER came to before the same people, in a sentence."""
    facts = {"ours": number_format(round(rows * ours)), "theirs": number_format(round(rows * theirs)), "n": number}
    return _(
        "Before the same people version %(n)s has the next thing among its ten in %(theirs)s of %(rows)s cases, this one "
        "in %(ours)s."
    ) % {**facts, "rows": number_format(rows)}


def unfit(report: Report) -> dict[str, str]:
    harm = caution(report)
    return {"tuned": harm.why} if harm else {}


def caution(report: Report) -> Caution | None:
    if report.verdict.against_best != "worse":
        return None
    return Caution.simpler_is_better(
        _("For people it had never seen, the trained model recommended worse than a simple method.")
    )


def recalled(right: int, rows: int) -> str:
    """Nothing: what people correct holds without a training."""
    return ""


def certainty(report: Report, answers_with: str = "") -> Certainty:
    """It recommends ten things to everybody, however sure it is."""
    return Certainty()


def read(stored: Stored) -> Report:
    """A report from what was stored of it."""
    return Report.from_json(stored)


# The page --------------------------------------------------------------------------------------------------


def context(case: UseCase, report: Report) -> dict[str, object]:
    names = report.titles
    rows = sorted(report.rows, key=lambda row: -row.hits)
    middle = [row for row in rows if row.hits == 1]
    return {
        "comparisons": [_comparison(case, report, metric) for metric in METRICS if metric in report.scores["tuned"]],
        "protocol": _protocol(report),
        "hits": [example(row, names) for row in (rows[:2] + middle[:2])],
        "misses": [example(row, names) for row in rows if not row.hits][:EXAMPLES],
        "new": _new_items(report),
        "sentences": _sentences(report),
        "conditions": _conditions(report),
        "blend": _blend(report),
    }


def _comparison(case: UseCase, report: Report, metric: str) -> Comparison:
    names = titles()
    found = {system: report.scores[system][metric] for system in SYSTEMS if system in report.scores}
    say = (lambda value: str(number_format(round(value, 1), 1))) if metric == "novelty" else of_100
    top = max([one.high for one in found.values()] + [1e-9])
    bars = [bar(system, names[system], one, top, say, metric == "hit@10") for system, one in found.items()]
    return Comparison(metric, str(case.metrics.get(metric, metric)), False, bars, _difference(report, metric))


def _difference(report: Report, metric: str) -> str:
    found = report.differences["tuned_minus_best"].get(metric)
    if not found or metric in ("coverage", "novelty"):
        return ""
    simple = {system: scores[metric].mean for system, scores in report.scores.items() if system != "tuned"}
    if simple[report.best_simple] < max(simple.values()):
        return ""  # compared was the one that is best by how high up; by this figure another one is
    name = {"name": titles()[report.best_simple], "n": of_100(abs(found.mean))}
    if found.low <= 0 <= found.high:
        return _("The trained model and %(name)s cannot be told apart here.") % name
    if found.low > 0:
        return _("The trained model is better than %(name)s by %(n)s.") % name
    return _("%(name)s is better than the trained model by %(n)s.") % name


def _protocol(report: Report) -> str:
    people = number_format(report.people)
    if report.protocol == "next_basket":
        text = ngettext(
            "For %(people)s person all that was chosen the last time was kept apart and guessed from everything before it.",
            "For %(people)s people all that they chose the last time was kept apart and guessed from everything before it.",
            report.people,
        )
        return text % {"people": people}
    text = ngettext(
        "For %(people)s person what they chose last was kept apart and guessed from everything before it.",
        "For %(people)s people what they chose last was kept apart and guessed from everything before it.",
        report.people,
    )
    return text % {"people": people}


def example(row: Tested, names: dict[str, str]) -> dict[str, object]:
    """One person: what they had, the ten shown, and which of them they really took."""
    taken = set(row.taken)
    return {
        "history": [names.get(item, item) for item in row.history[-6:]],
        "shown": [(names.get(item, item), item in taken) for item, _score in row.shown],
        "taken": [names.get(item, item) for item in row.taken[:10]],
        "hits": row.hits,
    }


def _new_items(report: Report) -> list[tuple[str, str]]:
    new = report.new_items
    if not new:
        return []
    words = _new_names()
    return [(words.get(name, name), of_100(one.mean)) for name, one in new.ndcg.items()]


def _new_names() -> dict[str, str]:
    words = {"tuned": titles()["tuned"], "tfidf": _("Counting words"), "embedding": _("Likeness of meaning")}
    return words | {"ridge": _("From text to patterns"), "random": _("By chance")}


def _sentences(report: Report) -> list[tuple[str, str, str]]:
    """Who searches, and how well it finds a thing from a part of its description, without and with typos."""
    found = report.sentences
    if not found:
        return []
    words = {"tuned": titles()["tuned"], "tfidf": _("Counting words"), "frozen": _("Likeness of meaning")}
    words |= {"frozen_tfidf": _("Both of these")}
    return [
        (words[name], of_100(found.plain[name].mean), of_100(found.typos[name].mean))
        for name in ("tuned", "frozen_tfidf", "frozen", "tfidf")
    ]


def _conditions(report: Report) -> str:
    found = report.conditions
    if not found.shown:
        return ""
    return _("Of %(shown)s things shown under a condition on price or stock, %(held)s fulfilled it.") % {
        "shown": number_format(found.shown),
        "held": number_format(found.held),
    }


def _blend(report: Report) -> str:
    """What it is mixed of; how members weigh what is old is not told apart."""
    shares: dict[str, float] = {}
    for member, share in report.blend.items():
        name = _members().get(member.partition("_")[0], _("Others"))
        shares[name] = shares.get(name, 0.0) + share
    most = sorted(shares.items(), key=lambda one: -one[1])
    return ", ".join(f"{name} {percent(share)}" for name, share in most if share >= 0.01)


def _members() -> dict[str, str]:
    return {
        "itemknn": _("Chosen together (item-kNN)"), "ease": _("Patterns of what goes together (EASE)"),
        "transitions": _("What comes after what"), "tfidf": _("Counting words"), "text": _("Likeness of meaning"),
        "lora": _("Likeness of meaning, trained"), "ridge": _("From text to patterns"), "popularity": _("Most popular"),
        "recent": _("Most popular of the last weeks"),
    }  # fmt: skip


# Elsewhere -------------------------------------------------------------------------------------------------


def facts(report: Report) -> list[tuple[str, str]]:
    return [
        (_("People in the test"), number_format(report.people)),
        (_("Things in the catalogue"), number_format(report.items)),
        (_("Made of"), _blend(report)),
    ]


def columns() -> list[str]:
    return [_("Right among ten, of 100"), _("How high up, of 100"), _("Share found, of 100")]


def figures(report: Report) -> list[str]:
    scores = report.scores.get(report.verdict.recommend) or report.scores["tuned"]  # of what one is advised to publish
    return [of_100(scores[metric].mean) if metric in scores else "–" for metric in METRICS[:3]]


def brief(report: Report) -> str:
    return _("Right among ten in %(n)s of 100 cases") % {"n": figures(report)[0]}


def of_100(value: float) -> str:
    return str(number_format(round(value * 100, 1), 1))


def percent(value: float) -> str:
    return _("%(n)s %%") % {"n": number_format(round(value * 100))}


def tested(report: Report) -> str:
    """How many it was measured on."""
    people = report.people
    return ngettext("%(n)s person", "%(n)s people", people) % {"n": number_format(people)}


def measured_on(report: Report) -> str:
    """What it was measured on, in a sentence."""
    return ngettext(
        "Measured on what %(n)s person chose last, which it had not seen.",
        "Measured on what %(n)s people chose last, which it had not seen.",
        report.people,
    ) % {"n": number_format(report.people)}
