"""Dutch."""

from __future__ import annotations

WORDS: dict[str, tuple[str, ...]] = {
    "kept": ("gedeeltelijk terugbetaald", "deels terugbetaald"),
    "return": ("terugbetaald", "terugbetaling", "geretourneerd", "retour", "teruggestuurd", "teruggezonden"),
    "unpaid": ("wacht op betaling", "in afwachting van betaling", "onbetaald", "niet betaald", "betaling in afwachting"),
    "cancel": ("geannuleerd", "annul", "verwijderd", "geweigerd", "mislukt", "verlopen", "afgewezen"),
    "cart": ("*winkelwagen", "*winkelmand"),
    "wish": ("verlanglijst", "favoriet", "bewaard", "gedeeld"),
    "buy": ("gekocht", "aankoop", "besteld", "bestelling", "betaald", "voltooid", "verzonden", "geleverd", "bezorgd", "geboekt", "afgerond"),
    "click": ("geklikt", "geopend", "gelezen"),
    "view": ("bekeken", "gezien"),
}  # fmt: skip
