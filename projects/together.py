"""Which columns make one text: subject and message, instruction and input, question and context, title and text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from projects.contents import Content

MOST = 3  # columns that are put together without being asked
REPEATS = 0.2  # share of different cells below which a title is the name of a thing, not something that was written

# What stands before a text, the text, what it is about, and what was added to it later; in the order of reading.
PARTS: tuple[tuple[str, frozenset[str]], ...] = (
    ("head", frozenset((
        "ticket name", "issue name", "case name", "request name", "subject", "title", "headline", "heading", "summary", "betreff", "titel", "überschrift", "objet", "titre", "sujet",
        "asunto", "titulo", "título", "oggetto", "titolo", "assunto", "onderwerp", "temat", "тема", "заголовок", "件名", "제목",
        "标题", "主题", "题目",
    ))),
    ("task", frozenset((
        "instruction", "instructions", "prompt", "question", "query", "task", "frage", "pregunta", "domanda", "pergunta",
        "问题", "提问", "指令", "任务",
    ))),
    ("body", frozenset((
        "body", "description", "text", "content", "message", "comment", "review", "details", "detail", "abstract", "narrative",
        "beschreibung", "nachricht", "inhalt", "bewertung", "kommentar", "corps", "texte", "contenu", "description du problème",
        "avis", "commentaire", "cuerpo", "texto", "mensaje", "contenido", "descripción", "descripcion", "testo", "messaggio",
        "descrizione", "mensagem", "descrição", "bericht", "omschrijving", "treść", "opis", "текст", "описание", "сообщение",
        "本文", "내용", "内容", "正文", "描述", "详情", "说明", "文本", "评论", "评价",
    ))),
    ("given", frozenset((
        "input", "context", "passage", "background", "paragraph", "kontext", "contexte", "contexto", "contesto", "背景", "上下文",
        "输入", "材料", "资料",
    ))),
    ("later", frozenset(("追加评价", "追评", "追加评论", "follow up review", "additional comments", "additional comment"))),
)  # fmt: skip
# Parts that are found with each other; a message has one body.
_FITS = {
    "head": ("body", "task"), "task": ("given", "head"), "body": ("head", "later"), "given": ("task",), "later": ("body",),
}  # fmt: skip
# Two columns of which each says half.
HALVES: tuple[tuple[str, str], ...] = (
    ("pros", "cons"), ("positive review", "negative review"), ("likes", "dislikes"), ("liked", "disliked"),
    ("premise", "hypothesis"), ("what do you like", "what do you dislike"), ("优点", "缺点"), ("vorteile", "nachteile"),
    ("sentence1", "sentence2"), ("question1", "question2"), ("text1", "text2"), ("sentence 1", "sentence 2"),
    ("text a", "text b"), ("comment 1", "comment 2"), ("text 1", "text 2"),
)  # fmt: skip
_TITLES = ("title", "titel", "titre", "título", "titulo", "titolo", "标题")
# What may stand before the word without making it another thing's: the subject of a ticket, not the title of a product.
_OWN = frozenset((
    "", "email", "mail", "e mail", "ticket", "message", "review", "reviews", "issue", "case", "request", "post", "question", "news",
    "article", "thread", "full", "complaint", "工单", "邮件", "评论", "评价", "问题", "帖子", "文章", "新闻", "反馈", "留言", "投诉",
))  # fmt: skip


@dataclass(frozen=True)
class Together:
    """Columns in the order in which they are read."""

    columns: tuple[str, ...]
    sure: bool = True


def find(main: str, names: Mapping[str, str], looked: Mapping[str, Content], free: Sequence[str]) -> Together | None:
    """What is read together with MAIN, the column that was chosen for a role; None where that stands alone.

    NAMES: column → its header in plain words. FREE: the columns that may be taken."""
    if half := _half(main, names, free):
        return Together(half)
    chosen = {main: _part(names[main])}
    if not chosen[main][0]:
        return None
    for name in free:
        part, whose = _part(names[name])
        if not part or not _goes_with(part, whose, chosen) or len(chosen) >= MOST:
            continue
        chosen[name] = (part, whose)
    if len(chosen) == 1:
        return None
    order = [part for part, _words in PARTS]
    held = sorted(chosen, key=lambda name: order.index(chosen[name][0]))
    return Together(tuple(held), all(_written(names[name], looked[name]) for name in held))


def _goes_with(part: str, whose: str, chosen: Mapping[str, tuple[str, str]]) -> bool:
    """Whether a column is another part of what is chosen, and of the same thing."""
    if any(part == other for other, _whose in chosen.values()):
        return False
    fits = [other_whose for other, other_whose in chosen.values() if other in _FITS[part]]
    return any(whose == other or (whose in _OWN and other in _OWN) for other in fits)


def _part(name: str) -> tuple[str, str]:
    """Which part of a text a column is by its name, and whose: ("head", "review") for "review title"."""
    for part, words in PARTS:
        if name in words:
            return part, ""
    tokens = name.split()
    for part, words in PARTS:
        if len(tokens) > 1 and tokens[-1] in words:
            return part, " ".join(tokens[:-1])
        for word in words:
            if not word.isascii() and len(name) > len(word) and re.fullmatch(r"\S+", name) and name.endswith(word):
                return part, name.removesuffix(word)
    return "", ""


def _half(main: str, names: Mapping[str, str], free: Sequence[str]) -> tuple[str, ...]:
    for pair in HALVES:
        if names[main] in pair:
            other = pair[1 - pair.index(names[main])]
            for name in free:
                if names[name] == other:
                    return (main, name) if names[main] == pair[0] else (name, main)
    return ()


def _written(name: str, content: Content) -> bool:
    """Whether somebody wrote it for this row: a title that stands in many rows is the name of what they are about."""
    return not name.endswith(_TITLES) or content.many < 30 or content.distinct >= REPEATS
