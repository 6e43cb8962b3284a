"""Finds and masks personal data: e-mail addresses, phone numbers, cards, bank accounts, identity numbers."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from typing import NamedTuple

MASKS = {
    "email": "[e-mail]",
    "phone": "[phone]",
    "card": "[card number]",
    "iban": "[bank account]",
    "id": "[id number]",
}
# Most texts have neither, and are done with this one look; it begins with a set of signs, which is searched for quickly.
_ANY = re.compile(r"[@\d](?:(?<=@)|[\d\W]{5,}\d)")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.)+[^\W\d_]{2,24}(?![\w@])")
_CARD = re.compile(
    r"(?<![\w.,+-])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5})(?![\w-]|[.,]\d)"
)
_CARD_STARTS = re.compile(r"4|5[1-5]|2[2-7]|3[47]|3[068]|6011|65|64[4-9]|62|35")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
_CHINESE_ID = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])"
)
_US_ID = re.compile(r"(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])")
_PHONES = (
    re.compile(
        r"(?<![A-Za-z0-9_+])(?<!\d )(?:\+[1-9]\d{0,2}|00[1-9]\d{0,2}[ .\-/])(?:[ .\-/]?\(?\d{1,5}\)?){2,6}(?![A-Za-z0-9_]|[.,]\d)"
    ),
    re.compile(r"(?<![A-Za-z0-9_.,$€£-])(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![A-Za-z0-9_-]|[.,]\d)"),
    re.compile(r"(?<![\d.,$€£A-Za-z_-])(?:86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d|[.,]\d|[A-Za-z_-])"),
    re.compile(
        r"(?<![A-Za-z0-9_.,-])(?:0\d{2,3}[- ]\d{7,8}|\(0\d{2,3}\) ?\d{7,8}|[48]00-\d{3,4}-\d{3,4})(?![A-Za-z0-9_-])"
    ),
    re.compile(
        r"(?<![A-Za-z0-9_.,/-])(?<!\d )0\d{2,4}[ /-]\d{3,4}[ -]?\d{3,5}(?:[ -]\d{2,4})?(?![A-Za-z0-9_/-]|[.,]\d)"
    ),
)
_ANNOUNCED = re.compile(
    r"(?>\b(?:phone|tel|telephone|mobile|cell|call (?:me|us)|whatsapp|sms|fax)\b|电话|手机号?|联系方式|微信)"
    r"(?=[^\d\n]{0,12}\d)[^\d\n]{0,12}?((?:\(?\d\)?[ .-]?){7,14}\d)(?![\w-])",
    re.I,
)
_FREE = re.compile(r"(?:\+?1[ .-]?)?\(?8(?:00|88|77|66|55|44|33)\)?[ .-]|[48]00-|0800")
_MACHINES = {"git", "noreply", "no-reply"}
_NOWHERE = ("example.com", "example.org", "example.net")
FEWEST = 8
"""Digits of a number that may be somebody's; an order has fewer."""
_CHECK = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


class Found(NamedTuple):
    kind: str  # email | phone | card | iban | id
    start: int
    end: int


def find(text: str) -> list[Found]:
    """What looks personal, in order, not overlapping."""
    if not _ANY.search(text):
        return []
    found: list[Found] = []
    taken = bytearray(len(text))
    # The surest first: what is a card with a right check digit is no phone number.
    for kind, spans in (
        ("email", [match.span() for match in _emails(text) if not _is_nobody(match[0])]),
        ("iban", [match.span() for match in _IBAN.finditer(text) if _is_iban(match[0])]),
        ("id", [match.span() for match in _CHINESE_ID.finditer(text) if _is_chinese_id(match[0])]),
        ("card", [match.span() for match in _CARD.finditer(text) if _is_card(match[0])]),
        ("id", [match.span() for match in _US_ID.finditer(text)]),
        ("phone", list(_phones(text))),
    ):
        for start, end in spans:
            if not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                found.append(Found(kind, start, end))
    return sorted(found, key=lambda one: one.start)


def mask(text: str, public: Container[str] = (), found: Sequence[Found] | None = None) -> str:
    """The text with each finding replaced by a word such as [e-mail] or [phone]. PUBLIC: values that may stay.

    FOUND: what `find` says of the text, where that is known."""
    pieces, end = [], 0
    for one in find(text) if found is None else found:
        if value(text, one) not in public:
            pieces += [text[end : one.start], MASKS[one.kind]]
            end = one.end
    return "".join([*pieces, text[end:]])


def value(text: str, one: Found) -> str:
    """What was found, without the blanks and signs in which people differ."""
    piece = text[one.start : one.end]
    return piece.casefold() if one.kind == "email" else re.sub(r"[^\dA-Za-z]", "", piece)


def _emails(text: str) -> Iterable[re.Match[str]]:
    return _EMAIL.finditer(text) if "@" in text else ()


def _is_nobody(address: str) -> bool:
    """A program's address, or one of those that manuals use."""
    name, _at, domain = address.casefold().partition("@")
    return name in _MACHINES or any(f".{domain}".endswith(f".{nowhere}") for nowhere in _NOWHERE)


def _phones(text: str) -> list[tuple[int, int]]:
    spans = [match.span() for pattern in _PHONES for match in pattern.finditer(text) if _is_phone(match[0])]
    spans += [match.span(1) for match in _ANNOUNCED.finditer(text) if _is_phone(match[1])]
    return [(start, end - (len(text[start:end]) - len(text[start:end].rstrip(" .-")))) for start, end in spans]


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _is_phone(text: str) -> bool:
    digits = _digits(text)
    # A date, or one digit over and over (0000000), is nobody's number.
    date = re.fullmatch(r"(?:\d{4}[-./ ]\d{1,2}[-./ ]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4})\D*", text.strip())
    if _FREE.match(text):  # a company's line that costs nothing is nobody's own number
        return False
    return FEWEST <= len(digits) <= 15 and len(set(digits)) > 2 and not date


def _is_card(text: str) -> bool:
    digits = _digits(text)
    if not 13 <= len(digits) <= 19 or not _CARD_STARTS.match(digits) or len(set(digits)) < 2:
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _is_iban(text: str) -> bool:
    bare = text.replace(" ", "")
    if not 15 <= len(bare) <= 34:
        return False
    return int("".join(str(int(char, 36)) for char in bare[4:] + bare[:4])) % 97 == 1


def _is_chinese_id(text: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], _CHECK, strict=True))
    return "10X98765432"[total % 11] == text[17].upper()
