"""Dutch."""

from __future__ import annotations

WORDS: dict[str, tuple[str, ...]] = {
    "question": ("vraag", "vragen", "klantvraag", "vraag van de klant",),
    "message": (
        "bericht", "omschrijving", "tekst", "onderwerp", "melding", "aanvraag", "inhoud", "probleem",
    ),
    "review": (
        "opmerking", "opmerkingen", "beoordelingstekst", "recensie", "reactie klant", "toelichting", "mening",
    ),
    "answer": ("antwoord", "antwoorden", "ons antwoord", "oplossing", "reactie van ons",),
    "team": ("medewerker", "agent", "verkoper", "bedrijf", "winkel",),
    "topic": ("categorie", "thema", "reden", "soort vraag", "afdeling",),
    "label": ("klasse", "intentie",),
    "rating": (
        "beoordeling", "cijfer", "sterren", "score", "tevredenheid", "tevreden*", "rapportcijfer",
    ),
    "feeling": ("sentiment", "stemming",),
    "risk": ("risico", "risiconiveau", "ernst", "urgentie", "prioriteit",),
    "person": ("klant", "klantnummer", "klantnr", "klant id", "koper", "gebruiker", "lid",),
    "item": ("artikel", "artikelnummer", "artikelnr", "product", "productcode",),
    "when": ("datum", "besteldatum", "aankoopdatum", "tijd", "tijdstip",),
    "kind": ("status", "bestelstatus", "gebeurtenis",),
    "basket": ("bestelling", "bestelnummer", "ordernummer", "factuur", "factuurnummer", "bonnummer",),
    "quantity": ("aantal", "hoeveelheid", "stuks",),
    "title": ("productnaam", "artikelnaam", "artikelomschrijving",),
    "category": ("categorie", "productgroep",),
    "price": ("prijs", "stukprijs",),
    "cancelled": ("geannuleerd", "geannuleerd op", "annuleringsdatum", "terugbetaald",),
    "other": (
        "status", "medewerker", "winkel", "filiaal", "kanaal", "land", "stad", "taal", "week", "maand", "jaar",
        "prioriteit", "merk", "product",
    ),
}  # fmt: skip
