"""Swedish, Danish and Norwegian."""

from __future__ import annotations

WORDS: dict[str, tuple[str, ...]] = {
    "kept": ("delvis återbetal", "delvist refunder", "delvis refundert"),
    "return": ("återbetal", "retur", "refunder", "tilbagebetal"),
    "unpaid": ("väntar på betalning", "obetald", "afventer betaling", "ubetalt", "venter på betaling"),
    "cancel": ("avbruten", "avbokad", "annuller", "makuler", "raderad", "slettet", "kansellert", "avbrutt", "mislykket", "misslyckad"),
    "cart": ("*varukorg", "*kundvagn", "*indkøbskurv", "*handlekurv"),
    "wish": ("favorit", "gillad", "önske", "ønske"),
    "buy": (
        "köpt", "köp", "beställ", "betald", "slutför", "skickad", "levererad", "købt", "bestilt", "betalt",
        "gennemført", "sendt", "leveret", "kjøpt", "fullført",
    ),
    "click": ("klick", "klikk", "öppnad"),
    "view": ("visad", "visning"),
}  # fmt: skip
