"""French."""

from __future__ import annotations

WORDS: dict[str, tuple[str, ...]] = {
    "kept": ("partiellement rembours", "remboursé partiel", "remboursement partiel", "remboursement refus"),
    "return": ("*rembours", "retour", "renvoy"),
    "unpaid": ("en attente de paiement", "en attente du paiement", "impay", "paiement en attente", "non pay"),
    "cancel": ("annul", "supprim", "refus", "échou", "échec", "expir", "retiré", "abandonn"),
    "shown": ("affich", "exposé"),
    "cart": ("*panier",),
    "wish": ("favori", "*envies", "aimé", "partag"),
    "buy": ("achet", "achat", "command", "pay", "termin", "livr", "expédi", "réserv", "en cours", "traitement"),
    "click": ("cliqu", "ouvert", "lu ", "écout"),
    "view": ("vu ", "vue", "consult", "visit"),
    "booked": ("réserv",),
    "visited": ("visit",),
    "watched": ("regard",),
    "read": ("lu ", "lecture"),
    "played": ("écout",),
}  # fmt: skip
