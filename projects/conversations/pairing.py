"""What was asked and what was answered: the customer's turns in a row are the question, the team's reply is the answer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from projects.conversations.turns import CUSTOMER, TEAM, Turn

GAP = 6 * 3_600.0  # seconds of silence after which a new conversation begins
ANSWERED_WITHIN = 7 * 86_400.0
REMEMBERED = 20_000  # turns that a reply can point at
CUSTOMERS = 5_000  # of one conversation with something unanswered
EARLIER = 3  # exchanges kept before a question
EARLIER_TEXT = 600  # characters of one of their turns
QUESTION = 20_000  # characters that the turns of one question may have together


@dataclass
class Pair:
    """One exchange: the question, its answer, and what was said before."""

    question: str
    answer: str
    line: int
    earlier: list[tuple[str, str]] = field(default_factory=list)
    extra: dict[str, str | None] = field(default_factory=dict)


@dataclass
class _Asked:
    """The turns of one customer that wait for an answer, and what was said before them."""

    turns: list[Turn] = field(default_factory=list)
    earlier: list[tuple[str, str]] = field(default_factory=list)


class Pairing:
    """Takes the turns of one conversation in their order; `add` and `close` yield the exchanges that are complete."""

    def __init__(self, role: Callable[[Turn, str], str]) -> None:
        self.role = role
        self.starter = ""
        self.known: OrderedDict[str, Turn] = OrderedDict()
        self.waiting: OrderedDict[str, _Asked] = OrderedDict()  # by customer, the latest last
        self.open: tuple[str, _Asked, list[Turn]] | None = None  # customer, question, answers so far
        self.last: Turn | None = None

    def add(self, turn: Turn) -> Iterator[Pair]:
        self.starter = self.starter or turn.speaker
        if turn.id:
            self.known[turn.id] = turn
            if len(self.known) > REMEMBERED:
                self.known.popitem(last=False)
        if (turn.role or self.role(turn, self.starter)) == TEAM:
            yield from self._answer(turn)
        else:
            yield from self.close()
            self._ask(turn)
        self.last = turn

    def close(self) -> Iterator[Pair]:
        """The exchange that is open, now that nothing more belongs to it."""
        if self.open is None:
            return
        customer, asked, answers = self.open
        self.open = None
        question = _joined(asked.turns)
        answer = _joined([one for one in answers if one.learn])
        first = asked.turns[0]
        if question and answer:
            extra = first.extra | {
                name: cell for one in answers for name, cell in one.extra.items() if name not in first.extra
            }
            yield Pair(question, answer, first.line, list(asked.earlier), extra)
        if question and (said := answer or _joined(answers)):
            asked.earlier = [*asked.earlier, (question[:EARLIER_TEXT], said[:EARLIER_TEXT])][-EARLIER:]
        asked.turns = []
        self._keep(customer, asked)

    def _ask(self, turn: Turn) -> None:
        asked = self.waiting.get(turn.speaker) or _Asked()
        if self.last is not None and _apart(self.last, turn, GAP):
            asked = _Asked()
        if sum(len(one.text) for one in asked.turns) + len(turn.text) <= QUESTION:
            asked.turns.append(turn)
        self._keep(turn.speaker, asked)

    def _keep(self, customer: str, asked: _Asked) -> None:
        self.waiting[customer] = asked
        self.waiting.move_to_end(customer)
        if len(self.waiting) > CUSTOMERS:
            self.waiting.popitem(last=False)

    def _answer(self, turn: Turn) -> Iterator[Pair]:
        to = self.known.get(turn.reply_to) if turn.reply_to else None
        if to is not None and to is not turn and self._pointed(turn, to):
            return
        if to is not None:
            yield from self.close()
            asked = self.waiting.pop(to.speaker, None) or _Asked()
            if to not in asked.turns:
                asked = _Asked([to], asked.earlier)
            if (to.role or self.role(to, self.starter)) == CUSTOMER:
                self.open = (to.speaker, asked, [turn])
            return
        if self.open is not None:
            if not _apart(self.open[2][-1], turn, GAP):
                self.open[2].append(turn)
            return
        customer = next((name for name in reversed(self.waiting) if self.waiting[name].turns), None)
        if customer is None or _apart(self.waiting[customer].turns[-1], turn, ANSWERED_WITHIN):
            return
        self.open = (customer, self.waiting.pop(customer), [turn])

    def _pointed(self, turn: Turn, to: Turn) -> bool:
        """Adds a reply to the exchange that is open where it points into that one."""
        if self.open is None or (to not in self.open[1].turns and to not in self.open[2]):
            return False
        self.open[2].append(turn)
        return True


def pairs(turns: Iterable[Turn], role: Callable[[Turn, str], str]) -> Iterator[Pair]:
    """The exchanges of turns that stand conversation by conversation."""
    now: Pairing | None = None
    conversation: str | None = None
    for turn in turns:
        if now is None or turn.conversation != conversation:
            if now is not None:
                yield from now.close()
            now, conversation = Pairing(role), turn.conversation
        yield from now.add(turn)
    if now is not None:
        yield from now.close()


def _joined(turns: list[Turn]) -> str:
    return "\n".join(dict.fromkeys(text for one in turns if (text := one.text.strip())))


def _apart(before: Turn, after: Turn, most: float) -> bool:
    return before.time is not None and after.time is not None and abs(after.time - before.time) > most
