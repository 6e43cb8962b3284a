"""What chat exports in plain text share: a head with time and name before each turn, and lines that go on."""

from __future__ import annotations

from collections.abc import Iterator

from projects import dates, encodings
from projects.conversations.turns import seen
from projects.formats import Reading
from projects.source import Source

# What stands for a picture, a voice message or a file that is not in the export, in the languages of the programs.
MEDIA = frozenset(
    [
        "media omitted",
        "image omitted",
        "video omitted",
        "audio omitted",
        "sticker omitted",
        "gif omitted",
        "document omitted",
        "contact card omitted",
        "medien ausgeschlossen",
        "medien weggelassen",
        "bild weggelassen",
        "video weggelassen",
        "audio weggelassen",
        "sticker weggelassen",
        "multimedia omitido",
        "archivo omitido",
        "imagen omitida",
        "video omitido",
        "audio omitido",
        "sticker omitido",
        "médias omis",
        "image absente",
        "vidéo absente",
        "audio omis",
        "mídia oculta",
        "arquivo de mídia oculto",
        "imagem ocultada",
        "media omessi",
        "immagine omessa",
        "mensaje de voz",
        "null",
        "省略多媒体文件",
        "媒体文件已忽略",
        "图片已忽略",
        "视频已忽略",
        "忽略图片",
        "图像已省略",
        "影音檔已略去",
        "photo",
        "sticker",
        "video",
        "voice message",
        "file",
    ]
)
# In square brackets only: as a word of its own it is text.
IN_BRACKETS = frozenset(
    ["图片", "语音", "视频", "动画表情", "表情", "文件", "链接", "位置", "名片", "语音通话", "视频通话", "红包", "转账"]
)
LINKED = tuple(f"<{word}" for word in ("attached", "angehängt", "adjunto", "pièce jointe", "anexado", "附件"))
ATTACHED = (
    "(file attached)", "(datei angehängt)", "(archivo adjunto)", "(fichier joint)", "(arquivo anexado)", "(文件附件)", "（文件附件）",
)  # fmt: skip
DELETED = frozenset(
    [
        "this message was deleted",
        "you deleted this message",
        "diese nachricht wurde gelöscht",
        "du hast diese nachricht gelöscht",
        "se eliminó este mensaje",
        "eliminaste este mensaje",
        "ce message a été supprimé",
        "mensagem apagada",
        "questo messaggio è stato eliminato",
        "此消息已删除",
        "此訊息已刪除",
        "消息已被删除",
        "你撤回了一条消息",
        "对方撤回了一条消息",
    ]
)


def lines(source: Source, reading: Reading) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, without marks that nobody sees."""
    with source.open() as stream:
        for number, line in enumerate(encodings.lines(stream, reading.encoding, source.limits.line), 1):
            whole = encodings.repaired(line) if not line.isascii() and encodings.bad(line) else line
            yield number, seen(whole.rstrip("\r\n").replace("\0", ""))


def head_lines(head: bytes, most: int = 200) -> list[str]:
    """The first lines of a file, for a look at what it is."""
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    encoding = encodings.find([head])[0] if wide or b"\0" in head[:64] else "utf-8"
    text = head[:65_536].decode(encoding or "utf-8", "replace")
    if text.count("\ufffd") > 20 and not wide:
        text = head[:65_536].decode(encodings.find([head[:65_536]])[0] or "utf-8", "replace")
    return [seen(line.rstrip("\r")[:2_000]) for line in text.split("\n")[:most]]


def find_encoding(source: Source, reading: Reading) -> None:
    reading.delimiter = ""
    encodings.settle(source, reading)


def media(text: str) -> str:
    """media or system where nobody wrote the text, else ""."""
    bare = text.strip().casefold()
    if not bare or len(bare) > 300:
        return ""
    word = bare.strip("<>[]()（）【】 .")
    if word in DELETED:
        return "system"
    short = word in MEDIA and (word not in ("photo", "sticker", "video", "file", "null") or bare != word)
    boxed = bare[0] in "[【" and word in IN_BRACKETS
    return "media" if short or boxed or bare.endswith(ATTACHED) or bare.startswith(LINKED) else ""


def order_of_days(found: list[str]) -> str:
    """ymd, dmy or mdy, from all dates of a sample."""
    survey = dates.Survey()
    for text in found:
        survey.add(text)
    kind = survey.decide().kind
    return kind if kind in ("ymd", "dmy", "mdy") else "mdy"
