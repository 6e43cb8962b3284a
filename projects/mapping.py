"""Guesses which column plays which role, from what people call things and from what stands in the cells."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from projects import columnwords, contents, money, together
from projects.bounded import Short
from projects.columns import Played, stored
from projects.contents import Content
from projects.enumerating import listed
from projects.errors import UserError
from projects.formats import Column
from projects.refusals import say

LEAST, LEFT_OVER = 0.15, 0.25  # below the bar: what is shown as a maybe
WELL = 0.9  # how well a name says a role when only other use cases call it so
SAMPLE = 5_000  # rows from which columns are guessed
# Names that programs give where people gave none.
_NO_NAME = re.compile(r"(?:column|col|field|unnamed|spalte|colonne|columna|列|v|x|y|c|f|var)?(?: ?\d{1,3})?")
# Names that say only that something is a code, of whatever: what stands in the cells decides.
_ONLY_CODE = frozenset(
    ["code", "id", "nr", "no", "number", "key", "ref", "nummer", "numéro", "número", "编号", "代码", "编码", "番号"]
)
_MATRIX = Short(
    re.compile(
        r"(?P<what>[^\[(]{8,200})[\[(][^\[()\]]{1,80}[\])]|(?P<asked>\S{1,60}(?: \S{1,60}){2,30}?)(?: ?[:：|>/]| [-–—]) ?[^:：|>/]{1,80}"
    ),
    300,
)
# What stands behind a name and says only in what it is counted, or who has to fill it in: Price (EUR), Date (UTC).
_MONEY = f"{money.CODES}|[€$£¥₹元]"
_REMARKS = "optional|required|pflichtfeld|pflicht|obligatoire|facultatif|opcional|必填|选填|可选|人民币|美元|utc|gmt|cet|cest|est|pst"
_UNIT = Short(
    re.compile(
        rf"(?P<name>.*?)[ _]?(?:(?:[ _]in[ _]|[ _])(?:{_MONEY})|(?i:[\[(（] ?(?:in )?(?:{_MONEY}|{_REMARKS}) ?[\])）]))"
    ),
    300,
)
PLURAL = range(4, 23)  # letters of a name that may be one
GENERIC = {"text", "body", "content", "message"}  # last words that only say that it is a text
JOINED = ("question", "text")  # roles of which several columns can say a part
OTHERS = "something else"
# Last words of names that say what no role of ours is: who worked on it, where it was.
_COMMENTS = frozenset(
    ["comment", "comments", "kommentar", "kommentare", "commentaire", "commentaires", "comentario", "comentarios"]
)
_OTHERS = frozenset((
    "name", "author", "agent", "assignee", "owner", "city", "country", "state", "region", "location", "address", "street", "zip",
    "zip code", "postal code", "phone", "gender", "age", "currency", "language", "timezone", "browser", "device", "channel", "source",
    "via", "version", "stadt", "land", "adresse", "plz", "telefon", "sprache", "ville", "pays", "ciudad", "país",
))  # fmt: skip
_OTHERS_ZH = (
    "姓名",
    "城市",
    "地址",
    "电话",
    "手机",
    "邮箱",
    "编号",
    "时间",
    "日期",
    "处理人",
    "负责人",
    "渠道",
    "来源",
    "省份",
    "性别",
    "年龄",
)
CODED = ("person", "item", "weight")  # codes and small numbers can be anybody's: a shop's branches, steps of a funnel
BY_NAME = ("basket", "cancelled")  # roles that nothing but a name says
# What the words of a name say (projects/columnwords) → the roles that they make likely, and how much.
_PLAYS: dict[str, tuple[tuple[str, float], ...]] = {
    "question": (("question", 1.0), ("text", 0.85)), "message": (("text", 1.0), ("question", 0.85)),
    "review": (("text", 1.0), ("question", 0.6)), "answer": (("answer", 1.0),), "label": (("label", 1.0),),
    "topic": (("label", 1.0), ("category", 0.8)), "feeling": (("label", 1.0),), "rating": (("label", 1.0), ("weight", 1.0)),
    "risk": (("label", 1.0),), "category": (("category", 1.0),),
    "named person": (("person", 0.6),),  # two people can have one name, an address they cannot
}  # fmt: skip
_GRADES = ("rating", "risk", "feeling")  # labels only where the use case grades by them
WORDY = 4  # words in a cell, from which it says something
MANY = 60  # columns of which every pair is tried: those that look most like one of the two
BAR = 0.3  # of confidence, below which nothing is learned from a guess


class RoleLike(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def synonyms(self) -> tuple[str, ...]: ...
    @property
    def required(self) -> bool: ...
    @property
    def grades(self) -> tuple[str, ...]: ...


@dataclass
class Guess:
    """A column for a role (None where nothing fits), how sure, and why: a code with facts."""

    column: str | None
    confidence: float = 0.0
    reason: str = "nothing_fits"
    facts: dict[str, object] = field(default_factory=dict)
    columns: tuple[str, ...] = ()  # all that are read together, where it is not alone
    maybe: tuple[str, ...] = ()  # all that could be read together

    @property
    def played(self) -> Played:
        """The columns as a mapping keeps them, unless the guess is too weak to go on with."""
        return stored(self.columns or (self.column,)) if self.sure and self.column else None

    @property
    def sure(self) -> str | None:
        """The column, unless the guess is too weak to go on with: then a person is asked."""
        return self.column if self.confidence >= BAR else None


REASONS: dict[str, str | Promise] = {
    "called": _("The column is called %(column)s."),
    "called_like": _("The name %(column)s has the word %(word)s in it."),
    "asks": _("Many of its cells are questions."),
    "longest": _("It holds the longest texts."),
    "reads_like": _("Its cells look right for this."),
    "lists": _("Its cells list several things each."),
    "same_ids": _("Its cells are the items of the log."),
    "order_is_person": _("No column says who it was, so each order counts as a person."),
    "left_over": _("It is the column that is left."),
    "nothing_fits": _("No column fits. Pick one."),
}
# What these roles are called besides the words that a use case lists itself.
COMMON: dict[str, tuple[str, ...]] = {
    "question": (
        "question", "questions", "query", "instruction", "prompt", "input", "customer message", "customer", "user",
        "ask", "request", "ticket", "inquiry", "message", "utterance", "frage", "anfrage", "kundenfrage", "pregunta", "domanda",
        "review", "description", "body", "text", "content", "nachricht", "betreff", "beschreibung", "评论", "内容", "描述", "问题", "提问", "客户问题", "用户问题", "问", "咨询", "用户",
    ),
    "answer": (
        "answer", "answers", "reply", "response", "output", "agent", "agent reply", "assistant", "completion", "solution",
        "resolution", "target", "antwort", "unsere antwort", "lösung", "réponse", "respuesta", "risposta", "回答", "答复", "回复", "答案", "答", "客服回复", "客服", "解答", "解决方案",
    ),
    "text": (
        "text", "review", "comment", "feedback", "message", "content", "body", "tweet", "sentence", "opinion", "bewertung",
        "kommentar", "nachricht", "rezension", "rückmeldung", "texte", "avis", "commentaire", "texto", "reseña", "testo", "recensione",
        "文本", "评论", "评价", "内容", "反馈", "留言", "描述", "问题描述", "问题内容", "工单内容",
    ),
    "label": (
        "label", "sentiment", "category", "class", "intent", "topic", "tag", "type", "target", "polarity",
        "kategorie", "thema", "klasse", "stimmung", "catégorie", "categoría", "categoria",
        "标签", "类别", "分类", "情感", "意图", "评级",
    ),
    "person": ("user", "user id", "customer", "customer id", "client", "member", "person", "用户", "客户", "会员"),
    "basket": ("name",),
    "item": ("item", "item id", "product", "product id", "stock code", "sku", "movie id", "article", "asin", "商品", "产品"),
    "when": ("timestamp", "date", "time", "when", "invoice date", "created", "时间", "日期"),
}  # fmt: skip
# Words that say a role only where no better one stands beside them.
WEAK: dict[str, tuple[str, ...]] = {
    "question": (
        "subject", "title", "review", "text", "body", "content", "description", "betreff", "titel", "beschreibung", "user",
        "customer", "input", "标题", "内容", "评论", "描述", "用户",
    ),
    "answer": ("text", "body", "content", "target", "agent", "a", "内容", "assistant"),
    "text": ("title", "subject", "headline", "description", "summary", "post", "instruction", "email", "问题"),
    "label": ("type", "target", "result", "class", "note", "tag", "tags", "reason", "分类"),
    "item": ("what", "article", "place", "post", "destination", "trip", "tour", "文章"),
    "person": ("who", "session id", "email", "customer email", "guest", "reader"),
    "title": ("name", "description", "item", "product", "article"),
    "when": ("day", "visited", "created"),
    "basket": ("name",),
}  # fmt: skip


def reason_sentence(one: Guess) -> str | Promise:
    """Why the column was guessed, in words."""
    return say(REASONS.get(one.reason, one.reason), one.facts)


def unsure(role: str, maybe: str | None, names: Sequence[str]) -> UserError:
    """That no column is sure enough for a role, and how to say which it is."""
    what = _("No column was recognised as %(role)s.") % {"role": role}
    if maybe:
        what = _("No column is surely %(role)s; “%(column)s” was the best guess.") % {
            "role": role,
            "column": maybe,
        }
    return UserError(
        what,
        _("The file stays as it is."),
        _("Say which it is: --map %(role)s=COLUMN. The columns are: %(names)s.")
        % {"role": role, "names": listed(names[:50])},
    )


def look(columns: Sequence[Column], sample: Sequence[Sequence[str | None]], whole: bool = False) -> list[Content]:
    """What stands in each column. WHOLE: the sample is all there is."""
    cells = [[row[place] if place < len(row) else None for row in sample] for place in range(len(columns))]
    return [contents.of(column, one, whole) for column, one in zip(columns, cells, strict=True)]


def guess(
    columns: Sequence[Column],
    sample: Sequence[Sequence[str | None]],
    roles: Sequence[RoleLike],
    whole: bool = False,
) -> dict[str, Guess]:
    """The best column for each role; no column is used twice. WHOLE: the sample is all there is."""
    return choose(columns, look(columns, sample, whole), roles)


def choose(columns: Sequence[Column], looked: Sequence[Content], roles: Sequence[RoleLike]) -> dict[str, Guess]:
    """The same where it is known already what stands in the columns."""
    # Where no column has a name, what stands in the cells is all there is to go by.
    nameless = all(not column.header.strip() for column in columns)
    scores = {
        (role.name, column.name): _one(column, content, role, looked, nameless)
        for role in roles
        for column, content in zip(columns, looked, strict=True)
    }
    if not nameless:
        held = {column.name: content for column, content in zip(columns, looked, strict=True)}
        _leave_to_others(scores, columns, held, roles)
    _leave_to_texts(scores, columns, looked, roles)
    found = {role.name: Guess(None) for role in roles}
    for role, one in _pair(scores, columns, roles):
        found[role] = one
    taken = {one.column for one in found.values()}
    order = {role.name: -at for at, role in enumerate(roles)}
    place = {column.name: -at for at, column in enumerate(columns)}
    ranked = sorted(scores.items(), key=lambda item: (item[1].confidence, order[item[0][0]], place[item[0][1]]))
    required = {role.name for role in roles if role.required} | {"label"}
    for (role, name), one in reversed(ranked):
        enough = one.confidence >= (LEAST if role in required else BAR)
        if found[role].column is None and name not in taken and enough:
            found[role] = one
            taken.add(name)
    _fuller_person(found, scores, columns, looked)
    _fill(found, columns, looked, roles)
    if "label" in found and found["label"].sure and _of_a_matrix(found["label"], columns):
        found["label"].confidence = BAR - 0.02
    if "label" in found and found["label"].sure is None:
        constant = _only_label(columns, looked, {role.name: role for role in roles}["label"])
        found["label"] = constant if constant.column else found["label"]
    _join(found, columns, looked)
    return found


def _fuller_person(
    found: dict[str, Guess],
    scores: Mapping[tuple[str, str], Guess],
    columns: Sequence[Column],
    looked: Sequence[Content],
) -> None:
    """Guests have no number in a shop, or all the same one, but an e-mail address: the column that says more of people."""
    chosen = found.get("person")
    if chosen is None or chosen.column is None:
        return
    taken = {one.column for one in found.values()}
    held = {column.name: content for column, content in zip(columns, looked, strict=True)}
    says = {name: content.filled * (1 - content.zeros) for name, content in held.items()}
    for column in columns:
        one = scores["person", column.name]
        assert chosen.column is not None
        fuller = says[column.name] >= says[chosen.column] + 0.05
        as_many = held[column.name].different >= 0.8 * held[chosen.column].different
        if one.confidence >= 0.6 and column.name not in taken and fuller and as_many:
            chosen = found["person"] = one


def _join(found: Mapping[str, Guess], columns: Sequence[Column], looked: Sequence[Content]) -> None:
    """Adds the columns that are read together with those that were found."""
    names = {column.name: plain(column.header or column.name) for column in columns}
    holds = {column.name: content for column, content in zip(columns, looked, strict=True)}
    for one in (found[role] for role in JOINED if role in found):
        taken = {other.column for other in found.values()}
        free = [name for name in names if name not in taken and holds[name].many and not _cannot(holds[name], "text")]
        joined = together.find(one.column, names, holds, free) if one.column else None
        if joined is not None:
            one.maybe = joined.columns
            one.columns = joined.columns if joined.sure else ()


def _leave_to_others(
    scores: dict[tuple[str, str], Guess],
    columns: Sequence[Column],
    looked: Mapping[str, Content],
    roles: Sequence[RoleLike],
) -> None:
    """What stands in its cells makes no column a role whose name says another: the code of a product is no customer."""
    for column in columns:
        name = plain(column.header or column.name)
        said = {role.name for role in roles if _called(column, role)[0] >= 0.75}
        said |= {OTHERS} if _says_no_role(name, [role.name for role in roles]) else set()
        # A page of questions calls them names.
        said -= {OTHERS} if name == "name" and looked[column.name].asks >= 0.5 else set()
        for role in roles:
            one = scores[role.name, column.name]
            others = said - {role.name}
            if role.name in ("text", "question", "answer"):
                # "What is the reason for your score?" asks for a text: no label could look like that.
                others = {other for other in others if other == OTHERS or scores[other, column.name].column}
            if others and one.column and not one.reason.startswith("called"):
                scores[role.name, column.name] = replace(one, confidence=round(0.3 * one.confidence, 3))


def _leave_to_texts(
    scores: dict[tuple[str, str], Guess],
    columns: Sequence[Column],
    looked: Sequence[Content],
    roles: Sequence[RoleLike],
) -> None:
    """A comment beside a description or a review, of the same length, is what somebody said to it: not the text itself."""
    names = {column.name: plain(column.header or column.name).split() for column in columns}
    length = {column.name: content.length for column, content in zip(columns, looked, strict=True)}
    for role in [role.name for role in roles if role.name in ("text", "question")]:
        called = [name for name in names if scores[role, name].reason.startswith("called") and length[name] >= 20]
        others = [name for name in called if not _COMMENTS & set(names[name])]
        for name in called:
            if name not in others and any(length[other] >= 0.5 * length[name] for other in others):
                scores[role, name] = replace(
                    scores[role, name], confidence=round(0.3 * scores[role, name].confidence, 3)
                )


def _says_no_role(name: str, roles: Sequence[str]) -> bool:
    """Whether a name says what is no role here: a city, a state, or what the team answered where answers are not learned."""
    words = columnwords.said(name)
    return (
        any(name == word or name.endswith(f" {word}") for word in _OTHERS)
        or (not name.isascii() and name.endswith(_OTHERS_ZH))
        or words.get("other", 0.0) >= columnwords.HEADED
        or ("answer" not in roles and words.get("answer", 0.0) >= columnwords.HEADED)
    )


def _of_a_matrix(one: Guess, columns: Sequence[Column]) -> bool:
    """Whether it is one line of a question asked of several things, "Satisfied with: [Price]" or "How satisfied are you
    with: Price": only a person knows which."""
    asked = _MATRIX.fullmatch(one.column or "")
    others = [_MATRIX.fullmatch(column.name) for column in columns if column.name != one.column]
    return asked is not None and any(other is not None and other.groups() == asked.groups() for other in others)


def _only_label(columns: Sequence[Column], looked: Sequence[Content], role: RoleLike) -> Guess:
    """A column that is called a label and says the same in every row: taken only where nothing else is there, so that
    the person hears what is wrong with it."""
    for column, content in zip(columns, looked, strict=True):
        if content.constant and content.length <= 60 and _called(column, role)[0] >= 0.8:
            return Guess(column.name, BAR, "called", {"column": column.name})
    return Guess(None)


def _pair(
    scores: Mapping[tuple[str, str], Guess], columns: Sequence[Column], roles: Sequence[RoleLike]
) -> list[tuple[str, Guess]]:
    """The two columns that together play the first two roles best: the best for one may be the only one for the other."""
    if len(roles) < 2:
        return []
    names = [column.name for column in columns]
    first, second = ({name: scores[role.name, name] for name in names} for role in roles[:2])
    best: tuple[float, list[tuple[str, Guess]]] = (0.0, [])
    likely = set(sorted(names, key=lambda name: -max(first[name].confidence, second[name].confidence))[:MANY])
    for one, other in itertools.permutations([name for name in names if name in likely], 2):
        if min(first[one].confidence, second[other].confidence) < LEAST:
            continue
        total = first[one].confidence + second[other].confidence
        if total > best[0] + 1e-9:
            best = (total, [(roles[0].name, first[one]), (roles[1].name, second[other])])
    return best[1]


def _fill(
    found: dict[str, Guess], columns: Sequence[Column], looked: Sequence[Content], roles: Sequence[RoleLike]
) -> None:
    """With as many columns as required roles there is nothing to choose; but a person is asked."""
    open_roles = [role for role in roles if role.required and found[role.name].column is None]
    taken = {one.column for one in found.values()}
    free = [(column, content) for column, content in zip(columns, looked, strict=True) if column.name not in taken]
    full = [(column, content) for column, content in free if content.many]
    if len(open_roles) == 1 and len(full) == 1 and not _cannot(full[0][1], open_roles[0].name):
        found[open_roles[0].name] = Guess(full[0][0].name, LEFT_OVER, "left_over")


def _one(column: Column, content: Content, role: RoleLike, looked: Sequence[Content], nameless: bool) -> Guess:
    called, word = (0.0, "") if nameless else _called(column, role)
    if not content.many or _cannot(content, role.name, called) or (role.name in BY_NAME and not called):
        return Guess(None)
    fits, reason = _fits(content, role, looked)
    score = min(1.0, 0.75 * called + 0.3 * fits) if called else (0.65 if nameless else 0.45) * fits
    if called and not fits and role.name in _FITS:
        score *= 0.5
    says = plain(column.header or column.name)
    unnamed = not called and not nameless and not _NO_NAME.fullmatch(says)
    coded = role.name in CODED and says not in _ONLY_CODE
    if unnamed and (coded or (role.name == "label" and not _speaks_for_itself(column, content, role))):
        score = min(score, BAR - 0.02)  # a column that comes again and again can be anything: a person is asked
    if called >= 1.0 and fits:
        score = max(score, 0.83)
    if called >= WELL or (called and word == plain(column.header or column.name)):
        return Guess(column.name, round(score, 3), "called", {"column": column.name})
    if called:
        score = min(score, 0.82)  # a name that is the word itself is better, however long the texts below this one
        return Guess(column.name, round(score, 3), "called_like", {"column": column.name, "word": word})
    return Guess(column.name, round(score, 3), reason)


def _speaks_for_itself(column: Column, content: Content, role: RoleLike) -> bool:
    """Whether a label needs no name: feelings where these are looked for, or a name that says nothing at all (v1)."""
    if _of_feelings(role) and (content.feelings >= 0.8 or (content.stars >= 0.95 and content.different >= 3)):
        return True
    return bool(_NO_NAME.fullmatch(plain(column.header or column.name)))


def _of_feelings(role: RoleLike) -> bool:
    return "feeling" in role.grades


def _called(column: Column, role: RoleLike) -> tuple[float, str]:
    """How well the name says the role: 1 where it is one of its words, less for a common or a weak one, or where the
    name only has the word in it; 0 where not. In any language that is known."""
    header = column.header or column.name
    counted = _UNIT.fullmatch(header)
    names = {header, counted["name"]} if counted and counted["name"] else {header}
    names |= {name[:-1] for name in names if _plural(name)}
    return max(_called_so(plain(name), role) for name in names)


def _plural(name: str) -> bool:
    """Topics are called as a topic is; a status is one already."""
    return (
        len(name) in PLURAL and name.isalpha() and name[-1] in "sS" and name[-2] not in "suiSUI" and name[:-2].isascii()
    )


def _called_so(name: str, role: RoleLike) -> tuple[float, str]:
    words = columnwords.said(name)
    own = {plain(word) for word in (role.name, *role.synonyms)}
    if role.grades and words.get("topic", 0.0) >= columnwords.HEADED and name not in own:
        return 0.0, ""  # what it is about is not how it sounds, nor how bad it is
    if role.name == "text" and words.get("answer", 0.0) >= columnwords.HEADED and name not in own:
        return 0.0, ""  # what the team answered is not what somebody wrote to it
    best = _called_usually(name, role)
    for what, how in words.items():
        for played, share in _PLAYS.get(what, ((what, 1.0),)):
            if played == role.name and (played != "label" or what not in _GRADES or what in role.grades):
                best = max(best, (WELL * share * how, name if how == columnwords.EXACT else best[1] or name))
    return best


def _called_usually(name: str, role: RoleLike) -> tuple[float, str]:
    """The same by the words of the use case and those that are the same for all."""
    own = [plain(word) for word in (role.name, *role.synonyms)]
    words = list(dict.fromkeys([*own, *(plain(word) for word in COMMON.get(role.name, ()))]))
    squeezed = [word.replace(" ", "") for word in words]
    weak = WEAK.get(role.name, ())
    if (bare := name.replace(" ", "")) in squeezed:  # userid is user id
        if name in weak:
            return 0.65, name
        usual = bare in [word.replace(" ", "") for word in own]
        return (1.0 + 0.1 * (name == role.name or squeezed.index(bare) < 4) if usual else WELL), name
    tokens = name.split()
    if len(tokens) > 1 and tokens[-1] in GENERIC:  # the text of a reply is a reply
        tokens.pop()
        name = " ".join(tokens)
    best = (0.0, "")
    for word in words:
        share = 0.6 if word in weak else 1.0
        if len(word) >= 3 and f" {word} " in f" {name} ":
            # The last word of a name says what it is: "question type" is a type, "customer question" a question.
            best = max(best, (share * (0.8 if tokens[-1:] == word.split()[-1:] else 0.35), word))
        elif not word.isascii() and word in name:
            best = max(best, (share * (0.8 if name.endswith(word) else 0.4), word))
    return best


def plain(name: str) -> str:
    """Lower case, words apart: CustomerMessage and customer_message are the same name."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name.replace("İ", "I"))  # which has no small letter of one sign
    return " ".join(re.sub(r"[\W_]+", " ", apart).casefold().split())


# What a column cannot be, whatever it is called ------------------------------------------------------------


def _cannot(content: Content, role: str, called: float = 0.0) -> bool:
    """A hard no before any score: nobody answers with a date, and what never repeats is no label.

    Where the name says the role, ids may look like amounts (0.17 is a visitor of an analytics export) or like a clock
    (a phone number or a bar code has as many digits)."""
    pardoned = (
        _OF_ONE if role == "item" and content.several
        else (_measured, _clocked) if called >= 0.8 and role in ("person", "item", "basket")
        else (_names,) if called >= WELL
        else ()
    )  # fmt: skip
    return any(test(content) for test in _CANNOT.get(role, ()) if test not in pardoned)


_MOST = 0.6  # share of the cells that makes a column what it is


def _constant(content: Content) -> bool:
    return content.constant


def _one_word(content: Content) -> bool:
    return content.constant and content.length < 20


def _dated(content: Content) -> bool:
    return content.dates >= _MOST


def _clocked(content: Content) -> bool:
    """Seconds since 1970, or a code of as many digits."""
    return content.moments >= _MOST


def _linked(content: Content) -> bool:
    return content.links >= _MOST


def _addressed(content: Content) -> bool:
    return content.addresses >= _MOST


def _json(content: Content) -> bool:
    return content.json >= _MOST


def _names(content: Content) -> bool:
    """A word or two that stand in many rows: who it was or how far it is, no answer."""
    return content.many >= 20 and content.distinct <= 0.2 and content.length < 25 and content.words <= 3


def _initials(content: Content) -> bool:
    """A few signs that stand in many rows: t**n wrote it, and asks nothing."""
    return content.many >= 20 and content.distinct <= 0.3 and content.length < 8 and content.words <= 2


def _logged(content: Content) -> bool:
    """Each cell begins with a date, as programs write who did what to a ticket."""
    return content.logged >= _MOST


def _figures(content: Content) -> bool:
    return content.numbers >= _MOST or content.truths >= _MOST


def _codes(content: Content) -> bool:
    return content.codes >= 0.9


def _wordy(content: Content) -> bool:
    """Hardly a digit in it: no number of an order."""
    return content.codes < 0.5


def _free_text(content: Content) -> bool:
    """Texts that each stand once: nothing that could be told apart is learned from them."""
    return content.many >= 10 and content.distinct > 0.9 and content.length > 25


def _never_repeats(content: Content) -> bool:
    return content.whole and content.unique


def _numbered(content: Content) -> bool:
    return content.counts_up and content.distinct > 0.9


def _measured(content: Content) -> bool:
    return content.fractions >= _MOST and content.stars < _MOST


def _long(content: Content) -> bool:
    return content.length > 200


def _truths(content: Content) -> bool:
    return content.truths >= 0.95 and content.different <= 3


def _mostly(content: Content) -> bool:
    """Said of most rows, and no yes or no: what stands in most orders is no sign that one was cancelled."""
    return content.filled > 0.6 and content.truths < 0.95


def _no_date(content: Content) -> bool:
    return content.dates + content.moments + content.numbers < 0.5


def _no_figure(content: Content) -> bool:
    return content.numbers + content.stars < 0.5 and content.length > 20


_Test = Callable[[Content], bool]
_OF_ONE: tuple[_Test, ...] = (_long, _never_repeats, _json)  # what says nothing of a cell with several things in it
_TEXT: tuple[_Test, ...] = (_constant, _dated, _clocked, _linked, _addressed, _json, _figures, _codes, _logged)
_CANNOT: Mapping[str, tuple[_Test, ...]] = {
    "question": (*_TEXT, _initials),
    "answer": (_one_word, _names, *_TEXT[1:]),  # the same sentence for all is told by the report
    "text": _TEXT,
    "label": (_constant, _dated, _clocked, _linked, _measured, _free_text, _numbered),
    "person": (_constant, _dated, _clocked, _linked, _json, _measured, _long, _truths, _never_repeats, _numbered),
    "item": (_constant, _dated, _clocked, _linked, _json, _measured, _long, _truths, _never_repeats, _numbered),
    "when": (_constant, _linked, _json, _no_date, _truths, _numbered),
    "weight": (_constant, _dated, _clocked, _linked, _json, _no_figure),
    "kind": (_constant, _dated, _clocked, _linked, _json, _long, _never_repeats),
    "basket": (_constant, _wordy, _dated, _clocked, _linked, _json, _measured, _long, _truths),
    "cancelled": (_linked, _json, _numbered, _mostly),
    "quantity": (_dated, _clocked, _linked, _json, _no_figure),
    "price": (_dated, _clocked, _linked, _json, _no_figure),
    "title": (_constant, _dated, _clocked, _linked, _json, _figures),
    "category": (_constant, _dated, _clocked, _linked, _never_repeats),
}


# How well the cells fit ------------------------------------------------------------------------------------


def _fits(content: Content, role: RoleLike, looked: Sequence[Content]) -> tuple[float, str]:
    """How well the cells fit the role, 0 to 1, and the reason."""
    judge = _FITS.get(role.name)
    if judge is None:
        return 0.0, "nothing_fits"
    score, reason = judge(content, looked)
    return score * (0.5 + 0.5 * content.filled), reason


def _longest(content: Content, looked: Sequence[Content]) -> bool:
    texts = [other for other in looked if not any(test(other) for test in _TEXT)]
    return content.length >= max((other.length for other in texts), default=0.0)


def _question(content: Content, looked: Sequence[Content]) -> tuple[float, str]:
    if not 4 <= content.length <= 2_000 or content.distinct < 0.05:
        return 0.0, "nothing_fits"
    return (0.5 + 0.5 * content.asks, "asks") if content.asks > 0.3 else (0.35 * content.distinct, "reads_like")


def _answer(content: Content, looked: Sequence[Content]) -> tuple[float, str]:
    if content.length < 2:
        return 0.0, "nothing_fits"
    if _longest(content, looked) and content.length >= 20:
        return 1.0 - 0.5 * content.asks, "longest"
    return min(content.length, 60) / 60 * content.distinct * (0.8 - 0.5 * content.asks), "reads_like"


def _text(content: Content, looked: Sequence[Content]) -> tuple[float, str]:
    if content.length < 5:
        return 0.0, "nothing_fits"
    if _longest(content, looked):
        return 1.0, "longest"
    return min(content.length, 60) / 60 * content.distinct * 0.7, "reads_like"


def _label(content: Content, looked: Sequence[Content]) -> tuple[float, str]:
    if content.length > 60 or content.different < 2:
        return 0.0, "nothing_fits"
    return 0.9 * (1 - content.distinct), "reads_like"


def _when(content: Content, looked: Sequence[Content]) -> tuple[float, str]:
    # Seconds since 1970 without a name that says so could be anything, but hardly are.
    if content.dates >= _MOST:
        return 1.0, "reads_like"
    return max(0.8 * content.moments, 0.5 * (content.moments + content.early) if content.early else 0.0), "reads_like"


def _what(content: Content, looked: Sequence[Content]) -> tuple[float, str]:
    return (0.6, "lists") if content.several else _who_or_what(content, looked)


def _who_or_what(content: Content, looked: Sequence[Content]) -> tuple[float, str]:
    """Ids: short, without blanks, with digits in them, and each stands in several rows."""
    if content.codes < 0.9:
        return 0.3, "nothing_fits"  # too little to be guessed by itself, no reason against a name that says so
    return 0.8 if content.distinct <= 0.5 and content.different >= 5 else 0.4, "reads_like"


def _basket(content: Content, looked: Sequence[Content]) -> tuple[float, str]:
    """What a shop calls its orders: #1001, in several rows that stand together."""
    return (0.9, "reads_like") if content.codes >= 0.9 and content.distinct < 0.95 else (0.3, "nothing_fits")


def _weight(content: Content, looked: Sequence[Content]) -> tuple[float, str]:
    return (0.8, "reads_like") if content.stars >= 0.95 and 3 <= content.different <= 11 else (0.4, "nothing_fits")


_Judge = Callable[[Content, Sequence[Content]], tuple[float, str]]
_FITS: Mapping[str, _Judge] = {
    "question": _question, "answer": _answer, "text": _text, "label": _label, "when": _when, "person": _who_or_what,
    "item": _what, "weight": _weight, "basket": _basket,
}  # fmt: skip
