"""Tables that hold conversations: a list of turns or a transcript in a cell, a turn in a row, or one column a speaker."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, pairwise

from projects import dates
from projects.bounded import Short
from projects.conversations import records, transcripts
from projects.conversations.pairing import pairs
from projects.conversations.reading import ANSWER, QUESTION, Tally, as_row, rows, understand
from projects.conversations.speakers import role_of, silent
from projects.conversations.turns import CUSTOMER, TEAM, About, Turn, seconds
from projects.formats import Column, Reading, Row, Talk

LOOK = 300  # rows
Cells = dict[str, str | None]
Parts = dict[str, str]

_CONVERSATION = frozenset(
    [
        "conversation",
        "conversation id",
        "conversationid",
        "conv id",
        "dialogue id",
        "dialog id",
        "dialogue",
        "dialog",
        "session",
        "session id",
        "chat id",
        "chat",
        "thread",
        "thread id",
        "thread ts",
        "ticket",
        "ticket id",
        "ticket number",
        "case id",
        "case number",
        "call id",
        "contact id",
        "room id",
        "interaction id",
        "gespräch",
        "gespräch id",
        "gesprächs id",
        "gesprächsnummer",
        "unterhaltung",
        "vorgang",
        "vorgangsnummer",
        "fall",
        "chat nr",
        "conversación",
        "id conversación",
        "id de conversación",
        "conversacion",
        "sesión",
        "hilo",
        "会话",
        "会话id",
        "会话编号",
        "会话号",
        "对话",
        "对话id",
        "对话编号",
        "工单",
        "工单号",
        "工单编号",
        "聊天id",
        "咨询编号",
    ]
)
_SPEAKER = frozenset(
    [
        "speaker",
        "role",
        "sender",
        "from",
        "author",
        "who",
        "author type",
        "author role",
        "sender type",
        "sender role",
        "user type",
        "participant",
        "direction",
        "message direction",
        "message from",
        "spoken by",
        "party",
        "channel side",
        "sprecher",
        "sprecherin",
        "rolle",
        "absender",
        "von",
        "autor",
        "hablante",
        "remitente",
        "emisor",
        "rol",
        "de",
        "说话人",
        "说话者",
        "发言人",
        "发送者",
        "发送人",
        "发送方",
        "角色",
        "消息方向",
        "方向",
        "author id",
        "user id",
        "sender id",
    ]
)
_FLAG = {
    "inbound": CUSTOMER, "is inbound": CUSTOMER, "incoming": CUSTOMER, "is customer": CUSTOMER, "from customer": CUSTOMER,
    "is agent": TEAM, "from agent": TEAM, "outbound": TEAM, "is outbound": TEAM, "outgoing": TEAM, "is bot": TEAM,
    "from me": TEAM, "是否客服": TEAM, "是否客户": CUSTOMER,
}  # fmt: skip
_TEXT = frozenset(
    [
        "message",
        "text",
        "content",
        "utterance",
        "body",
        "msg",
        "message text",
        "message body",
        "value",
        "transcript",
        "said",
        "nachricht",
        "inhalt",
        "mensaje",
        "texto",
        "contenido",
        "消息",
        "消息内容",
        "内容",
        "发言",
        "发言内容",
        "聊天内容",
        "文本",
    ]
)
_ORDER = frozenset(
    [
        "turn",
        "turn id",
        "turn number",
        "turn no",
        "seq",
        "sequence",
        "order",
        "step",
        "position",
        "utterance idx",
        "utterance id",
        "turn index",
        "message number",
        "nr",
        "lfd nr",
        "reihenfolge",
        "runde",
        "turno",
        "orden",
        "posición",
        "轮次",
        "序号",
        "顺序",
        "轮",
    ]
)
_TIME = frozenset(
    [
        "time",
        "timestamp",
        "date",
        "created at",
        "created",
        "sent at",
        "datetime",
        "zeit",
        "zeitpunkt",
        "datum",
        "gesendet",
        "fecha",
        "hora",
        "enviado",
        "时间",
        "发送时间",
        "日期",
        "创建时间",
    ]
)
_REPLY = frozenset(
    [
        "reply to",
        "reply to id",
        "in reply to",
        "in response to tweet id",
        "parent id",
        "reply to message id",
        "回复id",
        "回复",
    ]
)
_ID = frozenset(["id", "message id", "tweet id", "msg id", "消息id", "comment id"])
_LABELS = frozenset(
    [
        "label",
        "category",
        "intent",
        "topic",
        "tag",
        "class",
        "department",
        "queue",
        "team",
        "sentiment",
        "标签",
        "类别",
        "分类",
        "意图",
        "部门",
    ]
)
_CHOSEN = frozenset(["chosen", "preferred", "preferred output", "accepted", "winner"])
_REJECTED = frozenset(["rejected", "non preferred output", "nonpreferred output", "loser"])
_PROMPT = frozenset(["prompt", "input messages", "input.messages", "context messages", "question", "instruction"])
_COMPLETION = frozenset(["completion", "response", "output", "answer"])
# What people or users said of an answer, with the words for yes and no.
_VERDICT = frozenset(
    [
        "label", "desirable", "approved", "is approved", "correct", "is correct", "good", "is good", "helpful", "was helpful", "is helpful",
        "thumbs", "thumb", "thumbs up", "feedback", "user feedback", "vote", "verdict", "freigegeben", "hilfreich", "richtig", "有帮助", "是否正确", "是否采纳",
    ]
)  # fmt: skip
_TRUE, _FALSE = ("true", "1", "yes", "ja", "sí", "是"), ("false", "0", "no", "nein", "否")
_UP = frozenset(
    [*_TRUE, "1.0", "oui", "up", "thumbs up", "thumbs_up", "👍", "good", "positive", "like", "correct", "有用"]
)
_DOWN = frozenset(
    [*_FALSE, "0.0", "-1", "non", "down", "thumbs down", "thumbs_down", "👎", "bad", "negative", "dislike", "wrong", "没用"]
)  # fmt: skip
_SUBJECT = (
    "subject",
    "summary",
    "fields summary",
    "title",
    "ticket subject",
    "raw subject",
    "source subject",
    "betreff",
    "objet",
    "asunto",
    "主题",
    "標題",
    "标题",
    "件名",
)
_OPENING = (
    "source.body", "description", "description_text", "fields.description", "fields.description.content",
)  # fmt: skip
# Who opened a ticket. Comments name people in the same way, of several the one that comes first here.
_REQUESTER = (
    "requester id", "requester", "user id", "fields reporter name", "fields reporter display name", "fields reporter account id",
)  # fmt: skip
_COMMENT = frozenset(
    ["comment", "comments", "kommentar", "kommentare", "commentaire", "comentario", "评论", "备注", "コメント"]
)
# A cell of such a column: "02/Jan/26 10:05 AM;mia;It is on its way."
_COMMENTED = Short(re.compile(r"\s{0,4}(?P<when>\d[\w./: -]{5,40}?);(?P<who>[^;\n]{1,100});"), 160)
_REPORTER = ("reporter", "reporter id", "creator", "creator id", "requester", "autor", "ersteller")
_NEXT = "comment "  # begins the part that is a further column of comments
COMMENTS = 200  # columns of comments
OPENER = "source.author.type"
_BEST = ("0", "0.0")


def plain(name: str) -> str:
    """Lower case, words apart."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name[:100])
    return " ".join(re.sub(r"[\W_]+", " ", apart).casefold().split())


def recognise(body: Sequence[Row], reading: Reading) -> bool:
    """Whether the table holds conversations; then `reading.talk` says how, and its columns are those of exchanges."""
    sample = [named(row, reading.columns) for row in body[:LOOK] if not row.problem or row.problem == "odd_type"]
    found = _parts(sample, reading.columns) if sample and not reading.as_table else None
    if not found:
        return False
    reading.talk = Talk(parts=found, columns=reading.columns)
    if found["form"] == "intents":
        reading.talk.form = found["form"]
        return True
    understand(_all_turns(islice(body, 2_000), reading), reading, found["form"])
    if not reading.talk.speakers:
        reading.talk = None
    return reading.talk is not None


def reshaped(body: Iterable[Row], reading: Reading) -> Iterator[Row]:
    """One row for each exchange of a table that `recognise` knew."""
    assert reading.talk is not None
    if reading.talk.parts["form"] == "intents":
        return _intents(body, reading.talk)
    if reading.talk.parts["form"] in ("turns_table", "two_columns"):
        ordered = bool(reading.talk.parts.keys() & {"order", "time"})
        return rows(_all_turns(body, reading), reading, by_time=ordered)
    return _one_by_one(body, reading)


def named(row: Row, columns: Sequence[Column]) -> Cells:
    """The cells of a row by the names of their columns."""
    if isinstance(row.cells, dict):
        return {column.name: row.cells.get(column.header) for column in columns}
    return {column.name: row.cells[at] if at < len(row.cells) else None for at, column in enumerate(columns)}


# What stands in which column ---------------------------------------------------------------------------------


def _parts(sample: list[Cells], columns: Sequence[Column]) -> Parts | None:
    names = {column.name: plain(column.header or column.name) for column in columns}
    ways: tuple[Callable[[list[Cells], dict[str, str]], Parts | None], ...] = (
        _preference, _verdicts, _lists, _comments, _intent_lists, _transcript, _turn_rows, _two_columns,
    )  # fmt: skip
    return next((found for way in ways if (found := way(sample, names))), None)


def _full(sample: list[Cells], name: str) -> list[str]:
    return [cell.strip() for row in sample if (cell := row.get(name)) and cell.strip()]


def _named(names: dict[str, str], words: Iterable[str]) -> str:
    wanted = set(words)
    return next((name for name, bare in names.items() if bare in wanted), "")


def _holds_turns(sample: list[Cells], name: str) -> bool:
    cells = _full(sample, name)[:30]
    if not cells or not cells[0].startswith(("[", "{")):
        return False
    values = [records.parsed(cell) for cell in cells]
    good = sum(records.is_turns(value, name.rpartition(".")[2]) or bool(records.tree(value)) for value in values)
    return good >= 0.6 * len(cells)


def _preference(sample: list[Cells], names: dict[str, str]) -> Parts | None:
    """Two answers of which people liked one better."""
    chosen, rejected = _named(names, _CHOSEN), _named(names, _REJECTED)
    if not chosen or not rejected:
        return None
    prompt = next((name for name in names if names[name] in _PROMPT or name in _PROMPT), "")
    found = {"form": "preference", "list": chosen, "rejected": rejected}
    return found | {"prompt": prompt} if prompt else found


def _verdicts(sample: list[Cells], names: dict[str, str]) -> Parts | None:
    """One answer a row, and whether people approved of it: what they turned down is no answer to learn."""
    verdict = next(
        (name for name in names if names[name] in _VERDICT and _up_and_down(_full(sample, name))),
        "",
    )
    prompt, answer = _named(names, _PROMPT), _named(names, _COMPLETION)
    if not verdict or not prompt or not answer:
        return None
    return {"form": "preference", "list": answer, "prompt": prompt, "verdict": verdict}


def _up_and_down(cells: list[str]) -> bool:
    said = {cell.casefold() for cell in cells}
    return bool(said & _UP) and bool(said & _DOWN) and said <= _UP | _DOWN


def _lists(sample: list[Cells], names: dict[str, str]) -> Parts | None:
    """A list of turns in each row."""
    lists = [name for name in names if "[" not in name and _holds_turns(sample, name)]
    if not lists:
        return None
    main = next((name for name in lists if names[name] not in ("history", "prompt", "tools")), lists[0])
    found = {"form": "chat", "list": main}
    if names[main] in ("history", "prompt"):
        asked = _named({name: bare for name, bare in names.items() if name != main}, _PROMPT | {"query", "input"})
        said = _named({name: bare for name, bare in names.items() if name != main}, _COMPLETION)
        found |= {"prompt": main, "list": said} if said else {}
        found |= {"asked": asked} if asked and said else {}
    elif main.endswith(".replies") and (root := f"{main.removesuffix('replies')}text") in names:
        found["asked"] = root  # the tree hangs on it
    elif prompt := next((name for name in lists if names[name] == "prompt" and name != main), ""):
        found["prompt"] = prompt
    if opening := next((name for name in _OPENING if name in names and _full(sample, name)), ""):
        found["opening"] = opening
    if found.get("opening") or names[main].endswith(("comments", "conversation parts", "threads")):
        found["form"] = "tickets"
        if subject := next((name for name in names if names[name] in _SUBJECT and _full(sample, name)), ""):
            found["subject"] = subject
        requester = next((name for one in _REQUESTER for name in names if names[name] == one), "")
        if requester:
            found["requester"] = requester
    return found


def _comments(sample: list[Cells], names: dict[str, str]) -> Parts | None:
    """Tickets with a column for each comment, all of one name, and in each cell when, by whom and what."""
    columns = [name for name in names if names[name] in _COMMENT][:COMMENTS]
    cells = [cell for name in columns for cell in _full(sample[:50], name)]
    said = [begins for cell in cells if (begins := _COMMENTED.begins(cell))]
    if not said or len(said) < 0.6 * len(cells):
        return None
    opening = next((name for name in names if names[name] in ("description", "beschreibung", "描述")), "")
    subject = next((name for name in names if names[name] in _SUBJECT and _full(sample, name)), "")
    found = {"form": "tickets", "list": columns[0]} | ({"opening": opening or subject} if opening or subject else {})
    if opening and subject:
        found["subject"] = subject
    who = Counter(one["who"].strip() for one in said)
    # Of the columns that name who asks, the one that names people as the comments do.
    asks = [name for name in names if names[name] in _REPORTER]
    if asks:
        found["requester"] = max(asks, key=lambda name: sum(who[cell] for cell in set(_full(sample, name))))
    return found | {f"{_NEXT}{place}": name for place, name in enumerate(columns[1:], 2)}


def _intent_lists(sample: list[Cells], names: dict[str, str]) -> Parts | None:
    """A topic with the ways to ask and the answers that fit."""
    patterns = _named(names, ("patterns", "utterances", "examples", "questions", "问法"))
    responses = _named(names, ("responses", "answers", "replies", "response", "回答"))
    if not patterns:
        return None
    cells = [records.parsed(cell) for cell in _full(sample, patterns)[:30]]
    texts = [one for one in cells if isinstance(one, list) and all(isinstance(text, str) for text in one)]
    if not texts or len(texts) < 0.6 * len(cells):
        return None
    return {"form": "intents", "patterns": patterns} | ({"responses": responses} if responses else {})


def _transcript(sample: list[Cells], names: dict[str, str]) -> Parts | None:
    for name in names:
        cells = _full(sample, name)[:50]
        if cells and sum(map(len, cells)) >= 20 * len(cells) and transcripts.looks_like(cells):
            return {"form": "transcript", "list": name}
    return None


def _turn_rows(sample: list[Cells], names: dict[str, str]) -> Parts | None:
    """One turn a row: who speaks in one column, what is said in another."""
    conversation = next((name for name in names if names[name] in _CONVERSATION and _repeats(_full(sample, name))), "")
    speaker, form = _speaker_column(sample, names, conversation)
    if not speaker:
        return None
    free = [name for name in names if name not in (speaker, conversation)]
    text = next((name for name in free if names[name] in _TEXT and _long(sample, name) >= 2), "")
    text = text or max(
        (name for name in free if names[name] not in _TIME), key=lambda name: _long(sample, name), default=""
    )
    if not text or _long(sample, text) < 6:
        return None
    found = {"form": "turns_table", "speaker": speaker, "text": text} | ({"flag": form} if form else {})
    if conversation:
        found["conversation"] = conversation
    if ranked := next((one for one in free if names[one] == "rank" and _first_of(_full(sample, one))), ""):
        found["rank"] = ranked
    for part, words in (("order", _ORDER), ("time", _TIME), ("reply", _REPLY), ("id", _ID)):
        if (name := next((one for one in free if names[one] in words and one != text), "")) and _full(sample, name):
            found[part] = name
    return found


def _first_of(ranks: Sequence[str]) -> bool:
    """Whether several answers to one question are numbered from nought, the best first."""
    return any(rank in _BEST for rank in ranks) and any(rank not in _BEST for rank in ranks)


def _repeats(cells: list[str]) -> bool:
    return bool(cells) and len(set(cells)) <= 0.75 * len(cells)


def _long(sample: list[Cells], name: str) -> float:
    cells = _full(sample, name)
    return sum(min(len(cell), 500) for cell in cells) / max(1, len(cells))


def _speaker_column(sample: list[Cells], names: dict[str, str], conversation: str) -> tuple[str, str]:
    """The column that says who speaks, and the role that a yes in it means."""
    for name, bare in names.items():
        cells = [cell.casefold() for cell in _full(sample, name)]
        if len(cells) < 0.8 * len(sample) or bare in _LABELS or name == conversation:
            continue
        if bare in _FLAG and all(cell in (*_TRUE, *_FALSE) for cell in cells) and len(set(cells)) > 1:
            return name, _FLAG[bare]
        kinds = {cell: role_of(cell) for cell in set(cells)} if len(set(cells)) <= 40 else {}
        roles = [kinds[cell] for cell in cells] if kinds else []
        changes = sum(one != other for one, other in pairwise(cells))
        if (
            roles
            and {CUSTOMER, TEAM} <= set(roles)
            and sum(map(bool, roles)) >= 0.8 * len(roles)
            and (bare in _SPEAKER or changes >= 0.3 * len(cells))
        ):
            return name, ""
    if conversation:
        for name, bare in names.items():
            if bare in _SPEAKER and name != conversation and _talk_together(sample, name, conversation):
                return name, ""
    return "", ""


def _talk_together(sample: list[Cells], speaker: str, conversation: str) -> bool:
    """Whether most conversations have more than one speaker, and speakers come back in them."""
    people: dict[str, set[str]] = {}
    for row in sample:
        people.setdefault(row.get(conversation) or "", set()).add(row.get(speaker) or "")
    several = sum(len(one) > 1 for one in people.values())
    return several >= 0.5 * len(people) and len(set(_full(sample, speaker))) <= 0.9 * len(sample)


def _two_columns(sample: list[Cells], names: dict[str, str]) -> Parts | None:
    """A column for what the customer says and one for what the team says, where each row fills one of them."""
    roles = {
        name: role_of(bare) or next((role for word in bare.split() if (role := role_of(word))), "")
        for name, bare in names.items()
    }
    customers = [name for name in names if roles[name] == CUSTOMER and _long(sample, name) >= 8]
    teams = [name for name in names if roles[name] == TEAM and _long(sample, name) >= 8]
    if len(customers) != 1 or len(teams) != 1:
        return None
    one_side = sum(
        bool((row.get(customers[0]) or "").strip()) != bool((row.get(teams[0]) or "").strip()) for row in sample
    )
    if one_side < 0.8 * len(sample):
        return None
    found = {"form": "two_columns", "customer": customers[0], "team": teams[0]}
    conversation = next((name for name in names if names[name] in _CONVERSATION and _repeats(_full(sample, name))), "")
    return found | ({"conversation": conversation} if conversation else {})


# From its rows to turns --------------------------------------------------------------------------------------


def _all_turns(body: Iterable[Row], reading: Reading) -> Iterator[Turn]:
    talk = reading.talk
    assert talk is not None
    parts, columns = talk.parts, talk.columns
    for row in body:
        cells = named(row, columns)
        if parts["form"] == "turns_table":
            yield _turn_of_row(cells, row.line, parts, columns)
        elif parts["form"] == "two_columns":
            for role in (CUSTOMER, TEAM):
                if text := (cells.get(parts[role]) or "").strip():
                    extra = _extra(cells, parts, columns)
                    yield Turn(
                        role,
                        text,
                        conversation=cells.get(parts.get("conversation", "")) or "",
                        line=row.line,
                        role=role,
                        extra=extra,
                    )
        else:
            yield from _turns_of_cell(cells, row.line, parts)


def _extra(cells: Cells, parts: Parts, columns: Sequence[Column]) -> Cells:
    """The cells that are no part of the conversation, under the headers of their columns."""
    used = {name for part, name in parts.items() if part != "verdict"}
    lists = tuple(f"{name}[" for name in used)
    extra: Cells = {}
    for column in columns:
        if column.name in used or column.name.startswith(lists) or column.header in (QUESTION, ANSWER):
            continue
        key = column.header or column.name
        # Of columns with one header, each further one goes by the name that it was given.
        extra[column.name if key in extra else key] = cells.get(column.name)
    return extra


def _turn_of_row(cells: Cells, line: int, parts: Parts, columns: Sequence[Column]) -> Turn:
    who = (cells.get(parts["speaker"]) or "").strip()
    role = role_of(who)
    if flag := parts.get("flag"):
        other = TEAM if flag == CUSTOMER else CUSTOMER
        role = flag if who.casefold() in _TRUE else other
        who = role
    extra = _extra(cells, parts, columns)
    about = {part: (cells.get(parts[part]) or "").strip() for part in ("conversation", "id", "reply") if part in parts}
    left_out = "system" if silent(who) else ""
    if (rank := (cells.get(parts.get("rank", "")) or "").strip()) and rank not in _BEST and role == TEAM:
        left_out = "other_answer"
    text = records.plain((cells.get(parts["text"]) or "").strip())
    return Turn(
        who, text, _moment(cells, parts, columns), about.get("id", ""), about.get("reply", ""), about.get("conversation", ""),
        line, role, True, left_out, extra,
    )  # fmt: skip


def _moment(cells: Cells, parts: Parts, columns: Sequence[Column]) -> float | None:
    """The place of a turn among the others: its number where there is one, else its time."""
    if "order" in parts:
        text = (cells.get(parts["order"]) or "").strip()
        return float(text) if re.fullmatch(r"\d{1,9}(?:\.\d{1,3})?", text) else None
    if "time" in parts:
        text = (cells.get(parts["time"]) or "").strip()
        order = next((column.date_order for column in columns if column.name == parts["time"]), "")
        return seconds(text) or dates.parse(text[:60], order or "mdy")
    return None


def _turns_of_cell(cells: Cells, line: int, parts: Parts) -> Iterator[Turn]:
    """The turns of a row that holds a whole conversation."""
    about = About(conversation=str(line), line=line)
    if "prompt" in parts:
        yield from _said(cells.get(parts["prompt"]), CUSTOMER, about)
    if "asked" in parts:
        yield from _said(cells.get(parts["asked"]), CUSTOMER, about)
    comments = [cells.get(name) for part, name in parts.items() if part == "list" or part.startswith(_NEXT)]
    if any(cell and _COMMENTED.begins(cell) for cell in comments):
        found = _commented(comments, about)
    else:
        found = list(_said(cells.get(parts["list"]), TEAM, about, whole=parts["form"] == "transcript"))
    if _turned_down(cells, parts):
        for turn in found:
            turn.left_out = turn.left_out or "other_answer"
    if parts["form"] == "tickets":
        subject = (cells.get(parts.get("subject", "")) or "").strip()[:500]
        yield from _under_subject(_ticket(cells, found, line, parts), subject)
    else:
        yield from found


def _turned_down(cells: Cells, parts: Parts) -> bool:
    return "verdict" in parts and (cells.get(parts["verdict"]) or "").strip().casefold() in _DOWN


def _said(cell: str | None, role: str, about: About, whole: bool = False) -> Iterator[Turn]:
    """The turns in a cell: a list, a tree, a transcript, or one turn of ROLE."""
    value = records.parsed(cell) if not whole else None
    if messages := records.tree(value):
        value = messages
    elif isinstance(value, list) and any(isinstance(one, dict) and "replies" in one for one in value):
        value = records.branch(value)
    if records.is_turns(value, "messages"):
        yield from records.turns(value, **about)
    elif cell and cell.strip():
        found = list(transcripts.turns(cell, **about))
        if found or whole:
            yield from found
        else:
            yield Turn(role, cell.strip(), role=role, **about)


def _commented(comments: Iterable[str | None], about: About) -> list[Turn]:
    """The comments of a ticket, the first one first."""
    turns = []
    for cell in comments:
        if cell and (begins := _COMMENTED.begins(cell)):
            moment = dates.parse(begins["when"].strip()[:60], "dmy")
            turns.append(Turn(begins["who"].strip(), records.plain(cell[begins.end() :].strip()), moment, **about))
    times = [turn.time for turn in turns if turn.time is not None]
    return turns[::-1] if len(times) > 1 and times[0] > times[-1] else turns


def _ticket(cells: Cells, found: list[Turn], line: int, parts: Parts) -> Iterator[Turn]:
    """A ticket: its description is the first turn, whoever wrote that is the customer, and everybody else answers."""
    opening = (cells.get(parts.get("opening", "")) or "").strip()
    opening = records.plain(records.words(records.parsed(opening)) or opening).strip()
    requester = (cells.get(parts.get("requester", "")) or "").strip()
    first = next((turn for turn in found if not turn.left_out and turn.text.strip()), None)
    if opening and (first is None or first.text.strip() != opening):
        # A program of the team can be the first to speak.
        opener = TEAM if role_of(cells.get(OPENER) or "") == TEAM else CUSTOMER
        who = (cells.get(OPENER) or "").strip() if opener == TEAM else CUSTOMER
        yield Turn(who, opening, conversation=str(line), line=line, role=opener)
    elif first is not None and not any(turn.speaker == requester for turn in found):
        requester = first.speaker
    for turn in found:
        if not turn.role or requester:
            turn.role = CUSTOMER if turn.speaker == requester else TEAM if not turn.role else turn.role
        yield turn


def _under_subject(found: Iterable[Turn], subject: str) -> Iterator[Turn]:
    """The first thing the customer says with the subject of the ticket above it, where it does not say the same."""
    for turn in found:
        if subject and turn.role == CUSTOMER and not turn.left_out and turn.text.strip():
            if subject.casefold() not in turn.text.casefold():
                turn.text = f"{subject}\n\n{turn.text}"
            subject = ""
        yield turn


# From turns to rows ------------------------------------------------------------------------------------------


def _one_by_one(body: Iterable[Row], reading: Reading) -> Iterator[Row]:
    """The exchanges of rows that each hold a conversation of their own."""
    talk = reading.talk
    assert talk is not None
    tally = Tally(talk, reading.team)
    role = tally.team.roles()
    for row in body:
        if row.problem and row.problem != "odd_type":
            yield row
            continue
        cells = named(row, talk.columns)
        extra = _extra(cells, talk.parts, talk.columns)
        turns = list(tally.kept(_turns_of_cell(cells, row.line, talk.parts)))
        tally.begun += bool(turns)
        count = 0
        for pair in pairs(turns, role):
            pair.line, pair.extra = row.line, extra
            count += 1
            yield as_row(pair)
        tally.pairs += count
        if not count:
            starter = turns[0].speaker if turns else ""
            asked = [turn.text.strip() for turn in turns if (turn.role or role(turn, starter)) == CUSTOMER]
            yield Row(
                row.line,
                {QUESTION: "\n".join(asked) or None, ANSWER: None, **extra},
                "" if turns else "no_turns",
            )
    tally.tell()


def _intents(body: Iterable[Row], talk: Talk) -> Iterator[Row]:
    """One row for each way to ask, with the first of the answers."""
    talk.pairs = 0
    for row in body:
        cells = named(row, talk.columns)
        extra = _extra(cells, talk.parts, talk.columns)
        asked = records.parsed(cells.get(talk.parts["patterns"]))
        said = cells.get(talk.parts.get("responses", ""))
        answers = records.parsed(said)
        answer = (
            next((text for one in answers if (text := records.words(one))), None) if isinstance(answers, list) else said
        )
        for text in asked if isinstance(asked, list) else []:
            if isinstance(text, str) and text.strip():
                talk.pairs += 1
                yield Row(row.line, {QUESTION: text, ANSWER: answer, **extra})
