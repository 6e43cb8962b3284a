"""Which encoding a text file has: byte-order mark, zero bytes, strict UTF-8, then a guess that knows Chinese files."""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import IO

from projects.formats import Reading, Refusal
from projects.source import Source

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What a detector says → what the file is in practice: programs save the larger set.
LARGER = {
    "ascii": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "hz": "gb18030",
    "big5": "big5hkscs",
    "iso8859-1": "cp1252",
    "iso8859-15": "cp1252",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-6": "cp1256",
    "iso8859-7": "cp1253",
    "iso8859-8": "cp1255",
    "iso8859-9": "cp1254",
    "iso8859-13": "cp1257",
}
LIKELY = {
    "gb18030", "big5hkscs", "cp932", "euc_jp", "cp949", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255",
    "cp1256", "cp1257", "koi8-r", "koi8-u", "iso8859-2", "mac-roman", "tis-620", "cp874",
}  # fmt: skip
WESTERN = {
    "cp1250",
    "cp1252",
    "cp1253",
    "cp1254",
    "cp1257",
    "iso8859-2",
    "mac-roman",
    "cp1251",
    "koi8-r",
    "koi8-u",
    "cp874",
    "tis-620",
    "cp1255",
    "cp1256",
}
_UNDECODED = re.compile("[\udc80-\udcff]")
SURE = 0.2
BLOCK = 1 << 19  # bytes decoded at once


def find(samples: list[bytes]) -> tuple[str, str]:
    """The encoding, and a code for how it was found: mark, zeros, strict, damaged or guess."""
    head = samples[0]
    for mark, name in MARKS:
        if head.startswith(mark):
            return name, "mark"
    if wide := zeros(head):
        return wide, "zeros"
    whole, sound, broken, line = _judge(samples)
    if not broken:
        return "utf-8", "strict"
    share = sound / (sound + broken)
    if share >= 0.9 and sound + broken >= 5:
        return "utf-8", "damaged"
    if share >= 0.3 and sound >= 10 and broken >= 10:
        raise Refusal("mixed_encodings", line=line)
    return _guess(whole), "guess"


def settle(source: Source, reading: Reading) -> None:
    """The encoding of a file, unless the person has set it. What was guessed or cannot be read is said."""
    if reading.encoding:
        return
    reading.encoding, how = find(source.samples())
    if how in ("guess", "zeros"):
        reading.note("encoding_guessed", encoding=reading.encoding)
    if how == "damaged":
        reading.warn("bad_bytes")


def zeros(head: bytes) -> str:
    """UTF-16 without a mark: nearly every second byte of Western text, and many of Chinese (commas, ends), is zero."""
    piece = head[: len(head) // 2 * 2][:65_536]
    if len(piece) < 4:
        return ""
    even, odd = piece[0::2].count(0), piece[1::2].count(0)
    for name, many, few in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if many >= 3 and many > len(piece) * 0.03 and few * 5 <= many and _reads(piece, name):
            return name
    return ""


def _reads(piece: bytes, name: str) -> bool:
    try:
        return "\ufffe" not in piece[: len(piece) - 2].decode(name)
    except UnicodeDecodeError as error:
        return error.start > len(piece) - 6


LONG = 1_000
_CELLS = re.compile(rb'["<>]')
"""What parts a document of one line; in none of the encodings are these bytes a part of a character."""


def _judge(samples: list[bytes]) -> tuple[bytes, int, int, int]:
    """Lines with more than ASCII in them: how many are sound UTF-8, how many are not, and the first that is not."""
    sound = broken = first = 0
    strange: list[bytes] = []
    for place, sample in enumerate(samples):
        lines = sample.replace(b"\r", b"\n").split(b"\n") if b"\n" not in sample else sample.split(b"\n")
        # A piece from the middle starts and ends anywhere, also inside a character.
        inner = list(enumerate(lines, 1))[(1 if place else 0) : (-1 if len(sample) >= 65_536 else None)]
        for number, line in inner:
            if line.isascii():
                continue
            strange.append(line)
            for piece in _CELLS.split(line) if len(line) > LONG else [line]:
                if piece.isascii():
                    continue
                if _is_utf8(piece):
                    sound += 1
                else:
                    broken += 1
                    first = first or (number if not place else 0)
    return b"\n".join(strange)[:262_144], sound, broken, first


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@lru_cache(maxsize=4)  # several formats look at one head
def _guess(strange: bytes) -> str:
    """What the lines with more than ASCII in them are written in. Western files are the fallback."""
    import chardet  # most files are UTF-8, and each is read by a process that starts for it

    found = chardet.detect(strange)
    name = normal(found["encoding"] or "")
    if name in WESTERN and (dos := _dos(strange)):
        return dos
    neighbours = ("cp932", "euc_jp", "cp949")
    if name in neighbours and _syllables(strange, name):
        return name
    if name not in neighbours and (chinese := _chinese(strange)):
        return chinese
    if name in LIKELY and (found["confidence"] or 0) >= SURE:
        return _of_europe(strange, name) if name in EUROPE else name
    if _paired(strange):
        return "gb18030"
    if dos := _dos(strange):
        return dos
    for east in ("gb18030", "big5hkscs"):
        if _dense(strange) and _decodes(strange, east):
            return east
    return _of_europe(strange, "cp1252")


EUROPE = ("cp1252", "cp1250", "cp1254", "cp1257", "iso8859-2", "mac-roman")
# The letters that languages add to a to z, by the encodings that have them.
_CENTRAL = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "ăâîșțşţ")
_CYRILLIC = ("абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґ№",)
_ALPHABETS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("cp1252", (
        "äöüß", "éèêëàâçîïôûùüœæ", "áéíóúüñ¿¡", "àèéìòùíó", "áâãàçéêíóôõúü", "éëïóöüèáêç", "åäöé", "æøåéö",
    )),
    ("cp1250", _CENTRAL), ("iso8859-2", _CENTRAL), ("cp1254", ("çğıöşüâî",)), ("cp1257", ("ąčęėįšųūž", "āčēģīķļņšūž", "äöüõšž")),
    ("cp1251", _CYRILLIC), ("koi8-r", _CYRILLIC), ("iso8859-5", _CYRILLIC), ("cp1253", ("αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰάέώ",)),
    ("cp1256", ("ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيًٌٍَُِّْ،؛؟ـپچژگ",)), ("cp1255", ("אבגדהוזחטיךכלםמןנסעףפץצקרשת",)),
)  # fmt: skip
_CAPITAL_INSIDE = re.compile("[à-öø-ÿα-ωа-яё][À-ÖØ-ÞΑ-ΩА-Я]")
_SIGNS = frozenset("„“”‚‘’«»–—…€°§·•×©®™´`¨\u00a0")  # stand in every language


def _of_europe(strange: bytes, guessed: str) -> str:
    """The encoding in which all letters belong to one language; GUESSED where another is not clearly better."""
    fits = {name: _share(strange, name, alphabets) for name, alphabets in _ALPHABETS}
    best = max(fits, key=lambda name: (round(fits[name], 3), name == guessed, name == "cp1252"))
    return best if fits[best] >= 0.9 and fits[best] >= fits.get(guessed, 0.0) + 0.02 else guessed


def _share(strange: bytes, name: str, alphabets: tuple[str, ...]) -> float:
    """The share of the signs above ASCII that are letters of one of these languages; those that stand in every language
    do not count."""
    text = strange[:65_536].decode(name, "replace")
    signs = {sign: many for sign, many in _above_ascii(text).items() if sign not in _SIGNS}
    total = sum(signs.values())
    own = max(sum(signs.get(letter, 0) for letter in {*letters, *letters.upper()}) for letters in alphabets)
    # Words are written small, but for their first letter; the wrong one of two encodings turns that round.
    capital = sum(many for sign, many in signs.items() if sign.isupper()) > 0.5 * total
    inside = len(_CAPITAL_INSIDE.findall(text)) > 0.03 * total
    return own / max(1, total) * (0.9 if inside else 0.95 if capital else 1.0)


def _above_ascii(text: str) -> dict[str, int]:
    """How often each sign above ASCII stands in it."""
    return {sign: many for sign, many in Counter(text).items() if sign > "\x7f"}


# Letters of Western words as the code pages of DOS and of old Macs have them; in cp1252 the same bytes are dashes,
# quotes, currency signs or nothing at all, which no word has in its middle.
_LETTERS = "äöüÄÖÜßéèêëàâáçñóòôíìîïúùûøåæœœÅØÆÉãõąćęłńśźżĄĆĘŁŃŚŹŻčďěňřšťůýžőű"


def _dos(strange: bytes) -> str:
    """An old code page, where it makes words of what is none in a Windows one; else ""."""
    usual = _wordly(strange, "cp1252")
    best, name = max(((_wordly(strange, one), one) for one in ("cp850", "mac_roman", "cp852")), key=lambda one: one[0])
    if best > 0.85 and best > usual + 0.3:
        return name
    letters = _wordly(strange, "cp866", "абвгдежзийклмнопрстуфхцчшщъыьэюяАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯёЁ")
    windows = _wordly(strange, "cp1251", "абвгдежзийклмнопрстуфхцчшщъыьэюяАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯёЁ")
    return "cp866" if letters > 0.9 and windows < 0.6 and usual < 0.5 else ""


def _wordly(strange: bytes, name: str, letters: str = _LETTERS) -> float:
    """The share of the bytes above ASCII that are letters of words in this encoding."""
    signs = _above_ascii(strange[:65_536].decode(name, "replace"))
    return sum(signs.get(letter, 0) for letter in set(letters)) / max(1, sum(signs.values()))


# Characters that stand in every Chinese text, as the mainland and as Taiwan write them.
_EVERYDAY = frozenset(
    "的一是不了在人有我他這这个個們们中來来上大為为和到以說说時时要就出會会可也你對对能而那得下自之年過过發发後后作用道行所家事成方多么麼去"
    "如都同現现沒没動动面起看定天分還还進进好小些主樣样心本前開开但因只從从想實实日意無无長长機机此已使情明知全三又關关點点正業业外將将兩两"
    "高間间由問问很最重並并物手應应向頭头文體体被什二等產产或新月話话合回特內内信表老給给位次度門门先通原提及比員员名真處处走各入幾几口條条"
    "平系氣气題题更別别打總总何電电數数少才結结反太量再感務务做接場场件計计管期直金指許许區区保便空書书非聽听放強强難难完設设式色路記记品住"
    "告類类求程邊边該该交取望覺觉確确讓让候帶带運运請请訂订單单貨货客服買买賣卖換换款錢钱價价壞坏差慢快謝谢您嗎吗啊呢吧店家評评"
)


def _syllables(strange: bytes, name: str) -> bool:
    """Whether Japanese or Korean comes out: nothing broken, and the syllables that every such text has."""
    try:
        text = strange[:65_536].decode(name)
    except UnicodeDecodeError as error:
        if error.start < min(len(strange), 65_536) - 8:
            return False
        text = strange[: error.start].decode(name)
    signs = [char for char in text if char > "\x7f"]
    return sum("\u3040" <= char <= "\u30ff" or "\uac00" <= char <= "\ud7a3" for char in signs) >= 0.1 * len(signs) > 0


def _chinese(strange: bytes) -> str:
    """Which of the two Chinese encodings makes everyday text of it; "" where neither clearly does."""
    shares = {}
    for name in ("gb18030", "big5hkscs"):
        text = strange[:65_536].decode(name, "replace")
        signs = [char for char in text if "\u4e00" <= char <= "\u9fff"]
        broken = text.count("\ufffd") > 0.02 * max(1, len(signs))
        shares[name] = 0.0 if broken or not signs else sum(char in _EVERYDAY for char in signs) / len(signs)
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= 0.25 and shares[best] >= 2 * min(shares.values()) else ""


def _paired(strange: bytes) -> bool:
    """Bytes above ASCII always in pairs, most of them everyday Chinese characters or Chinese punctuation."""
    runs = re.findall(rb"[\x80-\xff]+", strange)
    if not runs or any(len(run) % 2 for run in runs[:-1]):
        return False
    leads = [lead for run in runs for lead in run[0::2]]
    usual = sum(0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA3 for lead in leads)
    return len(leads) >= 3 and usual >= 0.7 * len(leads)


def normal(name: str) -> str:
    """Python's name of an encoding, the larger set where there is one; "" if there is none of that name."""
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return ""
    return LARGER.get(found, found)


def _dense(strange: bytes) -> bool:
    return sum(byte > 127 for byte in strange[:10_000]) > 0.4 * min(len(strange), 10_000)


def _decodes(data: bytes, name: str) -> bool:
    try:
        data[: len(data) // 2 * 2].decode(name)
    except UnicodeDecodeError as error:
        return error.start > len(data) - 8
    return True


def line_end(text: str) -> str:
    """How lines end: "" where a lone CR ends one (old Macs), else "\\n", and a lone CR is part of a cell."""
    lone = text.count("\r") - text.count("\r\n")
    return "" if lone > text.count("\n") else "\n"


def blocks(stream: IO[bytes], encoding: str, limit: int, end: str = "\n") -> Iterator[list[str]]:
    """Decoded lines with their ends, many at a time. Bytes that do not fit become lone surrogates (UTF-16: U+FFFD), seen
    by `bad`."""
    errors = "replace" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    rest, number, first = "", 0, True
    while True:
        data = stream.read(BLOCK)
        text = rest + (decoder.decode(data) if data else _last(decoder))
        if first and text:
            text, first = text.removeprefix("\ufeff"), False
        whole = _whole(text, end) if data else len(text)
        lines = list(io.StringIO(text[:whole], newline=end))
        rest = text[whole:]
        if max(whole, len(rest)) >= limit:
            _refuse_long([*lines, rest], number, limit)
        number += len(lines)
        if lines:
            yield lines
        if not data:
            return


def _last(decoder: codecs.IncrementalDecoder) -> str:
    """What is left at the end. Decoders of Asian sets give it back bit by bit where it is broken."""
    text = ""
    while more := decoder.decode(b"", True):
        text += more
    return text


def lines(stream: IO[bytes], encoding: str, limit: int, end: str = "\n") -> Iterator[str]:
    """The same, one by one."""
    for some in blocks(stream, encoding, limit, end):
        yield from some


def _whole(text: str, end: str) -> int:
    """Where the last whole line ends. A CR at the very end may be half of a CR LF."""
    last = text.rfind("\n")
    return 1 + (last if end else max(last, text.rfind("\r", 0, len(text) - 1)))


def _refuse_long(lines: list[str], number: int, limit: int) -> None:
    for place, line in enumerate(lines, number + 1):
        if len(line) > limit or (len(line) == limit and not line.endswith(("\n", "\r"))):
            raise Refusal("long_line", line=place, limit=limit)


def bad(text: str) -> bool:
    """Whether a byte of it could not be decoded."""
    return not text.isascii() and _UNDECODED.search(text) is not None


def repaired(text: str) -> str:
    """The text with U+FFFD for each byte that could not be decoded (and for lone surrogates from JSON)."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def pieces(stream: IO[bytes], encoding: str, size: int) -> Iterator[str]:
    """Decoded text in pieces, for documents in which lines mean nothing."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    first = True
    while data := stream.read(size):
        text = decoder.decode(data)
        yield text.removeprefix("\ufeff") if first else text
        first = False
