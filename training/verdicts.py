"""The verdict of a report in words: the first thing on its page, and what the command line prints."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.enumerating import sentences
from training.ml.reports import Corrected
from training.ml.versus import Comparison


@dataclass(frozen=True)
class Standing:
    """How a version stands beside the one that is live, in words."""

    word: str
    """live (it is that one), better, same, worse, or unknown for want of rows that are new to both."""
    number: int
    """Of the version that is live."""
    said: str
    """One sentence."""
    why: list[str] = field(default_factory=list)
    """The figures, and the rows that they come from."""
    advice: str = ""
    badge: str = ""
    learned: bool = False
    """It answers more of what people corrected than the live one does by itself."""

    @classmethod
    def itself(cls, number: int) -> Standing:
        return cls("live", number, _("This version is live."), badge=_("Live"))

    @classmethod
    def of(
        cls, found: Comparison, number: int, figures: str, corrected: Corrected | None = None, recalled: str = ""
    ) -> Standing:
        """CORRECTED: what both make of what people corrected, where this version was trained with that; RECALLED says it."""
        facts = {"n": number}
        learned = corrected is not None and corrected.right > corrected.live_right
        said = {
            "better": _("It is better than version %(n)s, which is live."),
            "same": _("It is level with version %(n)s, which is live."),
            "worse": _("It is worse than version %(n)s, which is live."),
            "unknown": _("It cannot be compared with version %(n)s, which is live: too few test rows are new to both."),
        }[found.word]
        advice = {
            "better": _("Let it take the place of version %(n)s."),
            "same": _("Nothing shows that it answers better, so version %(n)s can stay live."),
            "worse": _("Leave version %(n)s live."),
        }.get(found.word, "")
        badge = {
            "better": _("Better than the live one"),
            "same": _("Level with the live one"),
            "worse": _("Worse than the live one"),
        }.get(found.word, "")
        if learned and found.word == "same":
            advice = _("It answers as well as version %(n)s and knows more of your corrections: let it take its place.")
            badge = _("Level, and knows your corrections")
        elif learned and found.word == "worse":
            advice = _("Leave version %(n)s live. Your corrections are given there too, where the same is asked.")
        why = [figures, _basis(found, number)] if found.word != "unknown" else []
        why += [recalled, _by_itself(corrected, number)] if corrected else []
        kept = [one for one in why if one]
        return cls(found.word, number, said % facts, kept, advice and advice % facts, badge, learned)

    @property
    def sentence(self) -> str:
        """All of it in a row, where there is room for one line."""
        return sentences([self.said, *self.why])

    @property
    def brief(self) -> str:
        """The word and the figures, without where they come from."""
        return sentences([self.said, *self.why[:1]])

    @property
    def holds(self) -> bool:
        """Whether there is no reason to change from what is live."""
        return self.word == "worse" or (self.word == "same" and not self.learned)


def _by_itself(corrected: Corrected, number: int) -> str:
    """What the live version makes of corrections that are only laid over its answers."""
    return _("Of these corrections version %(n)s by itself gives %(theirs)s.") % {
        "n": number,
        "theirs": number_format(corrected.live_right),
    }


def _basis(found: Comparison, number: int) -> str:
    """Which rows it is: those that neither had learned."""
    said = ngettext(
        "Compared on %(rows)s test row that neither version had learned when it answered.",
        "Compared on %(rows)s test rows that neither version had learned when it answered.",
        found.rows,
    ) % {"rows": number_format(found.rows)}
    if not found.left_out:
        return said
    more = ngettext(
        "%(left)s other is left out, because version %(n)s knows it.",
        "%(left)s others are left out, because version %(n)s knows them.",
        found.left_out,
    )
    return sentences([said, more % {"left": number_format(found.left_out), "n": number}])


@dataclass(frozen=True)
class Caution:
    """Why the trained model should not be published, said beside the choice of what answers."""

    title: str
    """No more than the verdict bears out: level is not better."""
    why: str
    any_way: bool = False
    """It speaks against every way to answer, the simpler ones too."""

    @classmethod
    def simpler_is_better(cls, why: str) -> Caution:
        return cls(_("Something simpler did better"), why)

    @classmethod
    def untrained_is_better(cls, why: str) -> Caution:
        return cls(_("The model before training did better"), why)

    @classmethod
    def not_ready(cls, why: str) -> Caution:
        return cls(_("The trained model is not ready"), why)


@dataclass(frozen=True)
class Verdict:
    kind: str  # good, even or bad
    headline: str
    sentences: list[str]
    """The last one is the advice."""
    recommend: str  # tuned, or the simpler way that answers better
    figure: int = 0
    of: int = 0
    figure_label: str = ""
    badge: str = ""
    """The verdict where there is room for three words; empty says what its kind says."""
    train_again: bool = False
    """Nothing of this version is worth publishing."""
    few: bool = False
    """So little was tested that the figures are a hint."""
    live: bool = False
    """It is what answers now, and nothing speaks against it."""

    @property
    def advice(self) -> str:
        """What to do: what stands under the headline."""
        return self.sentences[-1]

    @property
    def evidence(self) -> list[str]:
        """Why, the weightiest first."""
        return self.sentences[:-1]

    @property
    def wants_data(self) -> bool:
        """Whether more data is what would help."""
        return self.few or self.kind == "bad"

    @property
    def text(self) -> str:
        return sentences([self.headline, *self.sentences])

    def recalling(self, said: str) -> Verdict:
        """The same, with what it makes of what people corrected."""
        return replace(self, sentences=[said, *self.sentences]) if said else self

    def beside(self, standing: Standing | None) -> Verdict:
        """The same, once it is known how it stands beside the version that is live: that decides what to do."""
        if standing is None:
            return self
        *evidence, advice = self.sentences
        if standing.word == "live":
            # Whoever reads it of what is live is not asked to publish it once more.
            return self if self.kind == "bad" else replace(self, sentences=[*evidence, standing.said], live=True)
        evidence = [standing.said, *standing.why, *evidence]
        if self.kind == "bad" and not standing.holds:
            return replace(self, sentences=[*evidence, advice])
        if standing.word == "unknown":
            return replace(self, sentences=[*evidence, advice])
        kind = {"better": "good", "same": "good" if standing.learned else "even", "worse": "bad"}[standing.word]
        if self.kind == "bad":
            return replace(
                self, kind=kind if standing.word == "worse" else "bad", sentences=[*evidence, standing.advice]
            )
        return replace(self, kind=kind, badge=standing.badge, sentences=[*evidence, standing.advice])
