"""Finnish."""

from __future__ import annotations

WORDS: dict[str, tuple[str, ...]] = {
    "return": ("palautet", "palautus", "hyvitet"),
    "unpaid": ("odottaa maksua", "maksamatta"),
    "cancel": ("perut", "peruut", "hylät", "epäonnistu", "poistet", "vanhentu"),
    "cart": ("*ostoskori",),
    "wish": ("suosik",),
    "buy": ("toimitet", "maksettu", "tilat", "lähetet", "valmis", "käsittelyssä", "ostet"),
    "click": ("klik", "avat"),
    "view": ("katsot", "näytet"),
}  # fmt: skip
