"""Which money a price is in, as far as the name of a column or a cell says it, and how it is written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.utils.formats import number_format

from projects.bounded import Short

CODES = (
    "AED|ARS|AUD|BGN|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|JPY|KES|KRW|MXN|MYR|NGN|NOK|NZD|PEN|PHP|"
    "PLN|RMB|RON|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR"
)
NAMES = {
    "RMB": "CNY", "元": "CNY", "人民币": "CNY", "€": "EUR", "EURO": "EUR", "EUROS": "EUR", "欧元": "EUR", "£": "GBP", "英镑": "GBP",
    "₹": "INR", "US$": "USD", "美元": "USD", "￥": "¥",
}  # fmt: skip
"""What else a money is called. A dollar or a ¥ alone is the money of several countries and stays as it is written."""
WRITTEN = {"EUR": "€", "USD": "$", "GBP": "£", "CNY": "¥", "JPY": "¥", "INR": "₹"}
_WORD = r"US\$|[€$£¥￥₹元]|人民币|美元|欧元|英镑|Euros?"
# A code ends the name, or stands in brackets: a PEN and a TRY are words, too.
_IN_NAME = Short(
    re.compile(
        rf".*?(?:[ _/](?:in )?({CODES}|(?i:eur|usd|gbp|chf|cny|rmb|jpy))|[\[(（] ?(?:in )?((?i:{CODES})) ?[\])）].*)"
    ),
    300,
)
_NAMED = re.compile(rf"(?<![a-z])(?:{_WORD})(?![a-z])", re.IGNORECASE)
_IN_CELL = Short(
    re.compile(rf"\s*(?:({CODES}|{_WORD})\s?[-+\d].*|[-+(]?[\d.,].*?\s?({CODES}|{_WORD})\)?)\s*", re.IGNORECASE), 60
)


def of_name(header: str) -> str:
    """The money that stands in the name of a column, such as Price (EUR); a code where it is told, else a sign or ""."""
    return _known(_IN_NAME.fullmatch(header.strip()) or _NAMED.search(header[:300]))


def of_cell(text: str) -> str:
    """The money that stands beside an amount: €12, 12,90 EUR."""
    return _known(_IN_CELL.fullmatch(text))


def of_column(header: str, examples: Sequence[str]) -> str:
    """The money of a whole column: by its name, else by cells that agree."""
    if found := of_name(header):
        return found
    said = {of_cell(text) for text in examples}
    return said.pop() if len(said) == 1 else ""


def _known(match: re.Match[str] | None) -> str:
    word = next((one for one in (*match.groups(), match.group()) if one), "").upper() if match else ""
    return NAMES.get(word, word)


def shown(value: float | None, places: int, currency: str = "") -> str:
    """A price as its reader writes numbers, with its money where it is known."""
    if value is None:
        return ""
    number = str(number_format(value, places, force_grouping=True))
    sign = WRITTEN.get(currency, currency)
    if not sign:
        return number
    return f"{sign}{number}" if len(sign) == 1 else f"{number}\u00a0{sign}"
