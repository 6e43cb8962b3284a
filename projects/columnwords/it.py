"""Italian."""

from __future__ import annotations

HEAD = "first"  # the first word of a name says what it is
WORDS: dict[str, tuple[str, ...]] = {
    "question": ("domanda", "domande", "quesito", "domanda del cliente",),
    "message": (
        "messaggio", "richiesta", "descrizione", "testo", "oggetto", "contenuto", "segnalazione", "problema",
    ),
    "review": ("commento", "commenti", "recensione", "opinione", "osservazioni", "suggerimenti",),
    "answer": ("risposta", "risposte", "soluzione", "nostra risposta", "risposta data",),
    "team": ("operatore", "venditore", "assistenza", "azienda", "negozio",),
    "topic": ("categoria", "argomento", "tema", "motivo", "tipo di richiesta", "reparto",),
    "label": ("etichetta", "classe", "intento",),
    "rating": ("voto", "valutazione", "stelle", "punteggio", "soddisfazione", "soddisfatto*",),
    "feeling": ("sentimento", "umore",),
    "risk": ("rischio", "livello di rischio", "gravità", "urgenza", "priorità",),
    "person": ("cliente", "codice cliente", "id cliente", "acquirente", "utente", "numero cliente",),
    "item": ("prodotto", "articolo", "codice prodotto", "codice articolo",),
    "when": ("data", "data ordine", "data acquisto", "data di acquisto", "ora",),
    "kind": ("stato", "stato ordine", "evento",),
    "basket": ("ordine", "numero ordine", "n ordine", "id ordine", "fattura", "scontrino",),
    "quantity": ("quantità", "qtà", "pezzi",),
    "title": ("descrizione prodotto", "nome prodotto", "denominazione",),
    "category": ("categoria", "reparto",),
    "price": ("prezzo", "prezzo unitario",),
    "cancelled": ("annullato", "annullato il", "data annullamento", "rimborsato",),
    "other": (
        "stato", "operatore", "negozio", "canale", "paese", "città", "lingua", "settimana", "mese", "anno",
        "priorità", "marca", "prodotto",
    ),
}  # fmt: skip
