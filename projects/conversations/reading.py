"""From turns to rows: who speaks, who answers, and one row for each exchange."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from projects.conversations.pairing import Pair, pairs
from projects.conversations.speakers import SHOWN, Census, Team, as_line
from projects.conversations.spool import sorted_turns
from projects.conversations.turns import LONGEST, MOST_TURNS, TEAM, Turn
from projects.formats import Reading, Refusal, Row, Speaker, Talk

HEAD_TURNS = 5_000
QUESTION, ANSWER, EARLIER = "question", "answer", "earlier turns"
AUTOMATIC = 50  # lines of programs that are kept in mind
UNSURE = 0.6  # below this a person is asked who the team is


def understand(turns: Iterable[Turn], reading: Reading, form: str) -> None:
    """Who speaks in the first turns, and who of them is the team: what the person said, else the best guess."""
    census, sample = Census(), list(islice(turns, HEAD_TURNS))
    for turn in sample:
        if not turn.left_out and turn.text.strip():
            census.add(turn)
    team = census.team()
    if reading.team:
        team = Team(frozenset(reading.team), 1.0)
    talk = reading.talk = reading.talk or Talk()
    talk.form, talk.confidence, talk.starter_asks = form, team.confidence, team.starter_asks
    talk.speakers = _speakers({name: figures.turns for name, figures in census.people.items()}, team.names)
    talk.others = max(0, len(census.people) - len(talk.speakers))
    talk.automatic = [list(one) for one in census.automatic()[:AUTOMATIC]]
    if talk.confidence < UNSURE:
        reading.warn("team_unsure")


def _speakers(turns: dict[str, int], team: frozenset[str]) -> list[Speaker]:
    """The speakers who say most; the team is always among them."""
    ranked = sorted(turns, key=lambda name: (name not in team, -turns[name]))[:SHOWN]
    shown = [Speaker(name, turns[name], name in team) for name in ranked]
    shown += [Speaker(name, 0, True) for name in sorted(team - turns.keys())[:SHOWN]]
    return sorted(shown, key=lambda one: -one.turns)


def exchanges(turns: Iterable[Turn], reading: Reading, by_time: bool = False) -> Iterator[Pair]:
    """Every exchange in the turns of a file; what was counted on the way stands in `reading.talk` afterwards."""
    talk = reading.talk
    assert talk is not None
    tally = Tally(talk, reading.team)
    with sorted_turns(tally.kept(turns), by_time) as ordered:
        for pair in pairs(tally.conversations(ordered), tally.team.roles()):
            tally.pairs += 1
            yield pair
    tally.tell()


def rows(turns: Iterable[Turn], reading: Reading, by_time: bool = False) -> Iterator[Row]:
    for pair in exchanges(turns, reading, by_time):
        yield as_row(pair)


def as_row(pair: Pair) -> Row:
    """A row of a question, its answer, what was said before (as JSON), and the cells that stood beside it."""
    extra = {name: cell for name, cell in pair.extra.items() if name not in (QUESTION, ANSWER, EARLIER)}
    earlier = {EARLIER: json.dumps(pair.earlier, ensure_ascii=False)} if pair.earlier else {}
    return Row(pair.line, {QUESTION: pair.question, ANSWER: pair.answer, **extra, **earlier})


class Tally:
    """Counts turns, speakers and what is left out while the turns of a file go by."""

    def __init__(self, talk: Talk, chosen: list[str]) -> None:
        self.talk = talk
        names = frozenset(chosen) if chosen else frozenset(talk.team)
        self.chosen = bool(chosen)
        self.team = Team(names, talk.confidence, talk.starter_asks and not chosen)
        self.automatic = {(who, line) for who, line in talk.automatic}
        self.people: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.turns = self.begun = self.pairs = 0

    def kept(self, turns: Iterable[Turn]) -> Iterator[Turn]:
        for turn in turns:
            if turn.left_out or not turn.text.strip():
                self.left_out[turn.left_out or "empty"] += 1
                continue
            if self.automatic and (turn.speaker, as_line(turn.text)) in self.automatic:
                self.left_out["automatic"] += 1
                continue
            self.turns += 1
            if self.turns > MOST_TURNS:
                raise Refusal("too_many_rows", limit=MOST_TURNS)
            if len(turn.text) > LONGEST:
                turn.text = turn.text[:LONGEST]
            if turn.speaker in self.people or len(self.people) < 50_000:
                self.people[turn.speaker] += 1
            if self.chosen:
                turn.role = TEAM if turn.speaker in self.team.names else "customer"
            yield turn

    def conversations(self, turns: Iterable[Turn]) -> Iterator[Turn]:
        last: str | None = None
        for turn in turns:
            self.begun += turn.conversation != last
            last = turn.conversation
            yield turn

    def tell(self) -> None:
        talk = self.talk
        talk.turns, talk.conversations, talk.pairs = self.turns, self.begun, self.pairs
        talk.left_out = dict(self.left_out)
        talk.speakers = _speakers(dict(self.people), self.team.names)
        talk.others = max(0, len(self.people) - len(talk.speakers))
