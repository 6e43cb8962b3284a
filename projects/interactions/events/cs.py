"""Czech and Slovak."""

from __future__ import annotations

WORDS: dict[str, tuple[str, ...]] = {
    "return": ("vrácen", "vrátil", "vráten", "refund", "reklamac"),
    "unpaid": ("čeká na platbu", "čaká na platbu", "nezaplacen", "nezaplaten"),
    "cancel": ("zrušen", "storno", "stornován", "stornovan", "zamítnut", "zamietnut", "smazán", "vypršel", "neúspěšn"),
    "cart": ("*košík",),
    "wish": ("oblíben", "obľúben"),
    "buy": (
        "vyřízen", "vybaven", "doručen", "odeslán", "odoslan", "zaplacen", "zaplaten", "dokončen", "zakoupen", "objednáno",
        "zpracov", "expedován",
    ),
    "click": ("klik",),
    "view": ("zobrazen", "prohlíž"),
}  # fmt: skip
