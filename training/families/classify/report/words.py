"""The verdict on a classifier in words, and only what the intervals allow."""

from __future__ import annotations

from dataclasses import replace

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from training.families.classify.report.comparing import titles
from training.ml.classify.report import Report
from training.ml.classify.report import Verdict as Judgement
from training.ml.scores import Interval
from training.verdicts import Caution, Verdict

FEW = 60


def verdict(report: Report) -> Verdict | None:
    if not report.rows:
        return None
    found = report.verdict
    right, of = _right(report, found.recommend)
    idle = like_majority(report)
    advice = _no_better_than_one_label() if idle else _advice(found)
    sentences = [*_beside(report), _care(report), _before(report), _commonest(report), advice]
    return Verdict(
        kind="bad" if idle else _kind(found),
        headline=_headline(found, right, of),
        sentences=[sentence for sentence in sentences if sentence],
        recommend=found.recommend,
        figure=right,
        of=of,
        figure_label=ngettext(
            "text it had never seen got the right label", "texts it had never seen got the right label", of
        ),
        badge=_("Not ready") if idle else "",
        train_again=idle,
        few=_rows(report) < FEW,
    )


def beside(ours: float, theirs: float, rows: int, number: int) -> str:
    """What this version and version NUMBER came to on the same texts, in a sentence."""
    facts = {"ours": number_format(round(rows * ours)), "theirs": number_format(round(rows * theirs)), "n": number}
    return _(
        "On the same texts version %(n)s gives the right label to %(theirs)s of %(rows)s, this one to %(ours)s."
    ) % {
        **facts,
        "rows": number_format(rows),
    }


def recalled(right: int, rows: int) -> str:
    """What it makes of texts that people had given another label, in a sentence."""
    return ngettext(
        "Of %(rows)s text that your team corrected, it gives the right label to %(right)s.",
        "Of %(rows)s texts that your team corrected, it gives the right label to %(right)s.",
        rows,
    ) % {"rows": number_format(rows), "right": number_format(right)}


def unfit(report: Report) -> dict[str, str]:
    """The untouched base unless it is the best, and the trained model where something simpler beats it."""
    found: dict[str, str] = {}
    if report.scores and report.verdict.recommend != "base":
        right, of = _right(report, "base")
        found["base"] = _(
            "It has never seen your texts and guesses by the names of the labels: right on %(right)s of %(of)s."
        ) % {"right": number_format(right), "of": number_format(of)}
    harm = caution(report)
    return found | {"tuned": harm.why} if harm else found


def caution(report: Report) -> Caution | None:
    """Says it when the trained model lost to something simpler: then publishing it needs a deliberate click."""
    found = report.verdict
    if found.against_base == "worse":
        return Caution.untrained_is_better(
            _("On texts it had never seen, the trained model was right less often than the untouched base model.")
        )
    if found.against_best == "worse":
        return Caution.simpler_is_better(
            _("On texts it had never seen, the trained model was right less often than a simpler method.")
        )
    if report.scores and like_majority(report):
        why = _("No way to answer is better than always saying the commonest label.")
        return replace(Caution.not_ready(why), any_way=True)
    return None


def like_majority(report: Report) -> bool:
    """Whether what would be published is no better than always saying the commonest label."""
    found = report.verdict
    if found.against_majority is not None:
        return found.against_majority != "better"
    # Made before it was compared in pairs.
    ours, theirs = report.scores[found.recommend], report.scores.get("majority", {})
    return bool(theirs) and all(ours[name].mean <= theirs[name].mean for name in ours)


def _no_better_than_one_label() -> str:
    return _(
        "Not ready to publish: it is no better than always saying the commonest label. Add texts with the rarer labels "
        "and train again."
    )


def _kind(found: Judgement) -> str:
    if found.recommend == "base" or found.against_best == "worse":
        return "bad"
    return "even" if found.against_best == "same" or found.against_base == "worse" else "good"


def _rows(report: Report) -> int:
    return report.scores["tuned"]["accuracy"].rows


def _right(report: Report, system: str) -> tuple[int, int]:
    """How many of 100 are right, or of all where there are fewer; all only when really all are."""
    mean, of = report.scores[system]["accuracy"].mean, min(_rows(report), 100)
    return (of if mean == 1 else min(round(mean * of), max(of - 1, 0))), of


def _headline(found: Judgement, right: int, of: int) -> str:
    facts = {"right": number_format(right), "of": number_format(of)}
    if found.recommend == "base":
        return _("The model before training is better: right on %(right)s of %(of)s texts.") % facts
    if found.recommend == "tuned":
        return _("Right on %(right)s of %(of)s texts it had never seen.") % facts
    if found.against_best == "worse":
        return _("A simpler method is better: right on %(right)s of %(of)s texts it had never seen.") % facts
    return _("A simpler method does as well: right on %(right)s of %(of)s texts it had never seen.") % facts


def _beside(report: Report) -> list[str]:
    """The trained model beside the best simple method."""
    found = report.verdict
    names = {"name": titles()[found.best_simple]}
    names["best"], names["tuned"] = (number_format(_right(report, s)[0]) for s in (found.best_simple, "tuned"))
    if found.recommend != "tuned":
        said = _("The trained model gets %(tuned)s, the simpler method (%(name)s) %(best)s.") % names
    else:
        said = _("The best simple method (%(name)s) gets %(best)s.") % names
    return [said, _close(report)]


def _close(report: Report) -> str:
    """Where the two parts of the measure do not say the same, or nothing can be told."""
    found = report.verdict.against_best
    texts, labels = (_sign(report.differences["tuned_minus_best"].get(name)) for name in ("accuracy", "macro_f1"))
    if found == "same" and texts == labels == 0:
        return ngettext(
            "On %(n)s text that is no clear difference.", "On %(n)s texts that is no clear difference.", _rows(report)
        ) % {"n": number_format(_rows(report))}
    if texts == 0 and labels > 0:
        return _("Over all texts that is no clear difference, but on the rare labels your model is clearly better.")
    if texts == 0 and labels < 0:
        return _("Over all texts that is no clear difference, but on the rare labels your model is clearly worse.")
    if texts * labels < 0:
        return _("One is better over all texts, the other on the rare labels.")
    return ""


def _sign(found: Interval | None) -> int:
    """1 clearly better, -1 clearly worse, 0 when the interval holds nothing at all."""
    return 0 if not found else (found.low > 0) - (found.high < 0)


def _before(report: Report) -> str:
    found = report.verdict
    base = {"base": number_format(_right(report, "base")[0])}
    if found.recommend == "base":
        return ""
    if found.against_base == "worse":
        return _("Before training the model got %(base)s, clearly more: this training did harm.") % base
    if found.against_base == "same":
        return _("Before training the model got %(base)s, which is no clear difference.") % base
    return _("Before training the model got %(base)s.") % base


def _commonest(report: Report) -> str:
    """Said where it is high, because then a high figure means little."""
    scores = report.scores
    if "majority" not in scores or scores["majority"]["accuracy"].mean < 0.5:
        return ""
    said = _("Always saying the commonest label would get %(n)s, so look at the rare labels below as well.")
    return said % {"n": number_format(_right(report, "majority")[0])}


def _care(report: Report) -> str:
    rows = _rows(report)
    if rows >= FEW:
        return ""
    return ngettext(
        "Only %(n)s text could be kept apart for this, so take the figures as a hint.",
        "Only %(n)s texts could be kept apart for this, so take the figures as a hint.",
        rows,
    ) % {"n": number_format(rows)}


def _advice(found: Judgement) -> str:
    if found.recommend == "base":
        return _("We recommend not to publish this version. Check the labels and train again.")
    if found.recommend != "tuned":
        if found.against_best == "worse":
            return _("We recommend to publish the simpler method, or to add more data and train again.")
        return _("We recommend to publish the simpler method: it is faster and costs less.")
    if found.against_best == "same":
        return _("You can publish either: both label equally well.")
    return _("Ready to publish.")
