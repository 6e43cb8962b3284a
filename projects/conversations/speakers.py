"""Who of the speakers is the team: by what they are called, else by who answers whom."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from projects.conversations.turns import CUSTOMER, TEAM, Turn

ASKS = re.compile(
    r"[?？؟¿]|^(?:how|what|where|when|why|who|which|can|could|do|does|is|are|wie|was|wo|wann|warum|kann|haben|gibt|"
    r"cómo|qué|dónde|cuándo|puedo|tienen|hay|comment|où|quand|est-ce)\b|吗|怎么|如何|什么|多少|哪|请问|能不能|可以不|有没有|(?:です|ます|ません|でしょう)か|(?:나요|까요|습니까)",
    re.I,
)
CUSTOMERS = frozenset(
    [
        "user",
        "human",
        "customer",
        "client",
        "visitor",
        "guest",
        "prompter",
        "question",
        "buyer",
        "caller",
        "requester",
        "enquirer",
        "patient",
        "student",
        "inbound",
        "in",
        "incoming",
        "received",
        "consumer",
        "shopper",
        "contact",
        "lead",
        "end-user",
        "enduser",
        "member",
        "kunde",
        "kundin",
        "besucher",
        "anrufer",
        "nutzer",
        "gast",
        "cliente",
        "usuario",
        "usuaria",
        "visitante",
        "comprador",
        "utilisateur",
        "acheteur",
        "visiteur",
        "用户",
        "客户",
        "顾客",
        "买家",
        "访客",
        "来访者",
        "咨询者",
        "提问者",
        "会员",
        "消费者",
        "患者",
        "学生",
        "客人",
        "問",
        "问",
        "お客様",
        "ユーザー",
        "고객",
    ]
)
TEAMS = frozenset(
    [
        "assistant",
        "gpt",
        "bot",
        "agent",
        "support",
        "model",
        "chatbot",
        "answer",
        "ai",
        "operator",
        "admin",
        "seller",
        "shop",
        "store",
        "staff",
        "team",
        "representative",
        "rep",
        "advisor",
        "adviser",
        "consultant",
        "helpdesk",
        "service",
        "chatgpt",
        "claude",
        "llm",
        "bing",
        "teacher",
        "doctor",
        "outbound",
        "out",
        "outgoing",
        "sent",
        "employee",
        "mitarbeiter",
        "mitarbeiterin",
        "berater",
        "beraterin",
        "kundenservice",
        "kundendienst",
        "händler",
        "verkäufer",
        "laden",
        "agente",
        "asistente",
        "soporte",
        "asesor",
        "asesora",
        "operador",
        "tienda",
        "vendedor",
        "atención",
        "vendeur",
        "conseiller",
        "boutique",
        "助手",
        "客服",
        "卖家",
        "商家",
        "坐席",
        "人工",
        "人工客服",
        "在线客服",
        "店家",
        "店主",
        "店铺",
        "机器人",
        "顾问",
        "医生",
        "老师",
        "工作人员",
        "管理员",
        "小二",
        "掌柜",
        "销售",
        "答",
        "상담원",
    ]
)
SILENT = frozenset(
    [
        "system",
        "tool",
        "function",
        "developer",
        "ipython",
        "observation",
        "function_call",
        "function-call",
        "function_response",
        "tool_call",
        "tool_calls",
        "tool_response",
        "context",
        "environment",
        "info",
        "系统",
        "系统消息",
        "工具",
    ]
)
SHOWN = 30
FEW = 8  # conversations in which a line is said
MOST_OF = 0.6  # of all conversations
COUNTED = 50_000  # speakers beyond which new ones are not counted one by one


def role_of(name: str) -> str:
    """customer or team by what the speaker is called, "" where the name does not say."""
    word = name.strip().casefold()[:60].rstrip("0123456789").rstrip(" #_-.:：*")
    if word in CUSTOMERS:
        return CUSTOMER
    if word in TEAMS:
        return TEAM
    if not word.isascii():
        ends = [(word.startswith(one) or word.endswith(one), role) for ones, role in _CJK for one in ones]
        return next((role for fits, role in ends if fits), "")
    words = re.split(r"[\s_\-]+", word)
    if len(words) > 1:
        parts = [words[0], words[-1]]
        roles = {TEAM if one in _SURE_TEAM else CUSTOMER if one in _SURE_CUSTOMER else "" for one in parts} - {""}
        return roles.pop() if len(roles) == 1 else ""
    return ""


_SURE_TEAM = {"agent", "support", "kundenservice", "soporte", "helpdesk", "shop", "store", "agente"}
_SURE_CUSTOMER = {"customer", "client", "visitor", "kunde", "kundin", "cliente", "user"}
_CJK = (
    ([one for one in TEAMS if not one.isascii() and len(one) > 1], TEAM),
    ([one for one in CUSTOMERS if not one.isascii() and len(one) > 1], CUSTOMER),
)


def is_program(name: str) -> bool:
    """Whether it is a program that speaks for the team, by what it is called."""
    word = name.strip().casefold()[:60]
    return word.endswith(_PROGRAMS) or not _PROGRAMS_WORDS.isdisjoint(re.split(r"[\W_]+", word))


_PROGRAMS = ("bot", "机器人", "機器人", "ボット", "챗봇")
_PROGRAMS_WORDS = frozenset(["bot", "chatbot", "robot", "automation", "automated", "autoresponder", "workflow"])


def silent(name: str) -> bool:
    """Whether it is no person who speaks but a system, a tool or an instruction."""
    return name.strip().casefold() in SILENT


def as_line(text: str) -> str:
    """What is compared of a turn: names in it are not the same in every conversation, its beginning is."""
    return " ".join(text[:400].casefold().split())[:200]


@dataclass
class _Figures:
    """What one speaker does in the sample."""

    turns: int = 0
    begins: int = 0  # conversations
    answered: int = 0  # questions of others right before
    replied: int = 0  # turns of others right before, or pointed at
    was_answered: int = 0
    asked: int = 0
    whom: set[str] = field(default_factory=set)


@dataclass
class Team:
    """The speakers who answer, and how sure that is."""

    names: frozenset[str] = frozenset()
    confidence: float = 1.0
    starter_asks: bool = False

    def roles(self) -> Callable[[Turn, str], str]:
        """The role of a turn, given who began its conversation."""

        def role(turn: Turn, starter: str) -> str:
            if turn.speaker in self.names:
                return TEAM
            if self.starter_asks:
                return CUSTOMER if turn.speaker == starter else TEAM
            return CUSTOMER

        return role


class Census:
    """Counts who speaks and who answers whom, turn by turn."""

    def __init__(self) -> None:
        self.people: dict[str, _Figures] = {}
        self.roles: dict[str, Counter[str]] = {}
        self.last: dict[str, Turn] = {}
        self.by_id: dict[str, Turn] = {}
        self.lines: dict[tuple[str, str], tuple[int, str]] = {}  # who says what in how many conversations, and the last
        self.others = 0

    def add(self, turn: Turn) -> None:
        if turn.speaker not in self.people and len(self.people) >= COUNTED:
            self.others += 1
            return
        own = self.people.setdefault(turn.speaker, _Figures())
        own.turns += 1
        asks = bool(ASKS.search(turn.text[:2_000]))
        own.asked += asks
        self._count_line(turn)
        if turn.role:
            self.roles.setdefault(turn.speaker, Counter())[turn.role] += 1
        before = self.by_id.get(turn.reply_to) if turn.reply_to else self.last.get(turn.conversation)
        if turn.conversation not in self.last:
            own.begins += 1
        if before is not None and before.speaker != turn.speaker:
            self._reply(own, before)
        if len(self.last) < COUNTED or turn.conversation in self.last:
            self.last[turn.conversation] = turn
        if turn.id and len(self.by_id) < COUNTED:
            self.by_id[turn.id] = turn

    def _count_line(self, turn: Turn) -> None:
        key = (turn.speaker, as_line(turn.text))
        many, last = self.lines.get(key, (0, ""))
        if last != turn.conversation and (many or len(self.lines) < COUNTED):
            self.lines[key] = (many + 1, turn.conversation)

    def automatic(self) -> list[tuple[str, str]]:
        """Lines that a program says in most conversations, such as a greeting: nothing that answers anything."""
        most = max(FEW, MOST_OF * len(self.last))
        often = [key for key, (many, _last) in self.lines.items() if many >= most]
        said = Counter(who for who, _line in self.lines)
        # Who says nothing but these is a program whatever it is called, where somebody else answers as well.
        repeated = Counter(who for who, _line in often)
        alone = {who for who, many in said.items() if many == repeated[who]}
        return [(who, line) for who, line in often if is_program(who) or (who in alone and len(said) > 2)]

    def _reply(self, own: _Figures, before: Turn) -> None:
        own.replied += 1
        if len(own.whom) < 1_000:
            own.whom.add(before.speaker)
        if ASKS.search(before.text[:2_000]):
            own.answered += 1
            self.people.get(before.speaker, own).was_answered += 1

    def team(self) -> Team:
        """The best guess for who answers."""
        said = {name: self._said(name) for name in self.people}
        teams = frozenset(name for name, role in said.items() if role == TEAM)
        customers = [name for name, role in said.items() if role == CUSTOMER]
        rest = [name for name, role in said.items() if not role]
        if teams:
            return Team(teams, 1.0 if customers or rest else 0.3)
        if customers and len(rest) == 1:
            return Team(frozenset(rest), 0.9)
        return self._by_deeds(rest)

    def _said(self, name: str) -> str:
        roles = self.roles.get(name)
        return roles.most_common(1)[0][0] if roles else role_of(name)

    def _by_deeds(self, names: list[str]) -> Team:
        people = len(self.people)
        if people < 2 or not names:
            return Team(frozenset(), 0.0)
        scores = sorted(((self._score(name, people), name) for name in names), reverse=True)
        best, name = scores[0]
        second = scores[1][0] if len(scores) > 1 else -1.0
        sure = max(0.0, min(0.95, 0.5 + best / 2, 0.5 + (best - second) / 2)) if best > 0 else 0.2
        if len(self.last) >= 3 and people > 2 and sure < 0.75:
            # Many threads and nobody who answers most of them: who begins asks, whoever comes next answers.
            return Team(frozenset(), 0.65, starter_asks=True)
        return Team(frozenset([name]), round(sure, 2))

    def _score(self, name: str, people: int) -> float:
        """1 for somebody who only answers others, -1 for somebody whom others only answer."""
        own = self.people[name]
        both = own.answered + own.was_answered
        deeds = (own.answered - own.was_answered) / both if both else 0.0
        asks = own.asked / own.turns
        begins = own.begins / max(1, len(self.last)) if len(self.last) > 1 else 0.0
        few = min(1.0, both / 3)  # one question alone says little
        hub = len(own.whom) / (people - 1) if people > 2 else 0.5
        return few * (0.7 * deeds + 0.6 * (hub - 0.5)) - 0.2 * asks - 0.3 * begins
