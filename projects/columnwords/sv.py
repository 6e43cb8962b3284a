"""Swedish, Danish, Norwegian and Finnish."""

from __future__ import annotations

WORDS: dict[str, tuple[str, ...]] = {
    "question": ("fråga", "frågor", "kundfråga", "spørgsmål", "spørsmål", "kysymys",),
    "message": (
        "meddelande", "ärende", "beskrivning", "text", "ämne", "besked", "henvendelse", "beskrivelse", "melding",
        "viesti", "kuvaus", "asia",
    ),
    "review": (
        "kommentar", "recension", "omdöme", "anmeldelse", "anmeldelsestekst", "omtale", "palaute", "arvostelu",
        "åsikt",
    ),
    "answer": ("svar", "vårt svar", "lösning", "løsning", "vores svar", "vastaus", "ratkaisu",),
    "topic": (
        "kategori", "ämnesområde", "emne", "avdelning", "afdeling", "luokka", "aihe", "kategoria",
    ),
    "label": ("etikett", "klass", "avsikt",),
    "rating": (
        "betyg", "omdömespoäng", "stjärnor", "stjerner", "vurdering", "karakter", "nöjd*", "tilfreds*", "fornøyd*",
        "arvosana", "tähdet",
    ),
    "feeling": ("känsla", "stämning", "stemning",),
    "risk": ("risk", "risknivå", "risiko", "alvor", "allvarlighet", "prioritet", "riski",),
    "person": (
        "kund", "kundnummer", "kund id", "kunde", "kundenummer", "köpare", "køber", "kjøper", "användare",
        "bruger", "bruker", "asiakas", "asiakasnumero",
    ),
    "item": (
        "artikel", "artikelnummer", "produkt", "vare", "varenummer", "produktnummer", "tuote", "tuotekoodi",
    ),
    "when": (
        "datum", "orderdatum", "inköpsdatum", "dato", "ordredato", "købsdato", "kjøpsdato", "päivämäärä",
        "tilauspäivä", "tid",
    ),
    "kind": ("status", "orderstatus", "ordrestatus", "händelse", "tila",),
    "basket": (
        "order", "ordernummer", "beställning", "ordre", "ordrenummer", "bestilling", "faktura", "tilaus",
        "tilausnumero", "kvitto",
    ),
    "quantity": ("antal", "antall", "mängd", "määrä",),
    "title": ("produktnamn", "benämning", "varenavn", "produktnavn", "tuotenimi",),
    "category": ("varugrupp", "kategori", "varegruppe",),
    "price": ("pris", "styckpris", "enhedspris", "hinta",),
    "cancelled": (
        "avbeställd", "annullerad", "makulerad", "annulleret", "annullert", "kansellert", "peruttu", "avbruten",
    ),
    "other": (
        "status", "handläggare", "butik", "kanal", "land", "stad", "by", "språk", "sprog", "vecka", "uge", "uke",
        "månad", "måned", "år", "prioritet", "myymälä", "kaupunki", "kieli",
    ),
}  # fmt: skip
