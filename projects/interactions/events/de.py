"""German."""

from __future__ import annotations

WORDS: dict[str, tuple[str, ...]] = {
    "kept": ("teilweise erstattet", "teilerstattet", "teilweise zurück", "teilretoure", "rückgabe abgelehnt"),
    "return": ("*rückgabe", "*retour", "erstattet", "rückerstatt", "*gutschrift", "zurückgesch", "zurückgegeben", "widerrufen", "rücksendung"),
    "unpaid": ("zahlung ausstehend", "wartet auf zahlung", "unbezahlt", "nicht bezahlt", "zahlung offen"),
    "cancel": ("storn", "abgebrochen", "gelöscht", "abgelehnt", "fehlgeschlagen", "entfernt", "abgelaufen", "gesperrt", "ungültig", "annulliert"),
    "shown": ("gezeigt", "eingeblendet"),
    "cart": ("*warenkorb", "in den korb"),
    "wish": ("*merkzettel", "*wunsch", "gemerkt", "gefällt", "geteilt", "favorit"),
    "buy": (
        "gekauft", "kauf", "bestell", "bezahlt", "abgeschlossen", "versandt", "versendet", "verschickt", "geliefert",
        "zugestellt", "gebucht", "in bearbeitung", "erledigt", "fertig",
    ),
    "click": ("geklickt", "geöffnet", "gelesen", "angehört"),
    "view": ("angesehen", "gesehen", "aufgerufen", "betrachtet"),
    "booked": ("gebucht", "buchung", "reserviert"),
    "visited": ("besucht", "besuch"),
    "watched": ("angeschaut",),
    "read": ("gelesen",),
    "played": ("angehört", "abgespielt"),
}  # fmt: skip
