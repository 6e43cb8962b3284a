"""Italian."""

from __future__ import annotations

WORDS: dict[str, tuple[str, ...]] = {
    "kept": ("parzialmente rimbors", "rimborso parziale"),
    "return": ("rimbors", "reso", "restitu"),
    "unpaid": ("in attesa di pagamento", "in attesa del pagamento", "non pagat", "pagamento in attesa", "in sospeso"),
    "cancel": ("annullat", "cancellat", "eliminat", "rifiutat", "fallit", "scadut", "abbandonat"),
    "cart": ("*carrello",),
    "wish": ("preferit", "desider", "mi piace", "condivis"),
    "buy": ("acquist", "comprat", "ordinat", "pagat", "completat", "spedit", "consegnat", "prenotat", "in lavorazione"),
    "click": ("cliccat", "apert", "lett"),
    "view": ("visualizz", "vist"),
}  # fmt: skip
