"""German."""

from __future__ import annotations

WORDS: dict[str, tuple[str, ...]] = {
    "question": ("frage", "kundenfrage", "fragestellung", "frage des kunden",),
    "message": (
        "anfrage", "nachricht", "kundenanfrage", "anliegen", "meldung", "beschreibung", "problembeschreibung",
        "betreff", "text", "e mail text", "mitteilung", "notiz",
    ),
    "review": (
        "kommentar", "bewertungstext", "rezension", "meinung", "rückmeldung", "freitext", "anmerkung",
        "anmerkungen", "verbesserungsvorschläge", "was können wir besser machen",
    ),
    "answer": (
        "antwort", "antworten", "unsere antwort", "lösung", "antworttext", "antwort des", "rückantwort",
        "stellungnahme",
    ),
    "team": (
        "mitarbeiter", "support", "händler", "verkäufer", "kundendienst", "kundenservice", "bearbeiter",
    ),
    "topic": (
        "thema", "kategorie", "rubrik", "anliegenart", "ticketart", "bereich", "abteilung", "problemkategorie",
    ),
    "label": ("klasse", "absicht", "zuordnung",),
    "rating": (
        "bewertung", "zufriedenheit", "sterne", "note", "wie zufrieden*", "zufrieden", "weiterempfehlung",
        "punkte", "gesamtnote",
    ),
    "feeling": ("stimmung", "tonalität", "sentiment",),
    "risk": ("risiko", "risikostufe", "dringlichkeit", "priorität", "gefahrenstufe", "schweregrad",),
    "person": (
        "kunde", "kundennummer", "kundennr", "kunden nr", "kunden id", "besteller", "käufer", "mitglied",
        "mitgliedsnummer", "nutzer", "benutzer", "gast", "kunde telefon", "kundentelefon", "telefonnummer", "kundenkarte",
        "kundenkartennummer", "kartennummer", "kontonummer", "patient", "patientennummer", "teilnehmer", "leser", "abonnent",
        "debitor", "debitorennummer", "kunden e mail",
    ),
    "item": (
        "artikel", "artikelnummer", "artikelnr", "artikel nr", "produkt", "produktnummer", "ware", "sku", "hotel",
        "reiseziel", "materialnummer", "material nr", "gericht", "speise", "kurs", "film", "buch", "leistung",
    ),
    "when": (
        "datum", "bestelldatum", "kaufdatum", "rechnungsdatum", "zeitpunkt", "uhrzeit", "buchungsdatum",
        "belegdatum", "anreise",
    ),
    "kind": ("status", "bestellstatus", "vorgang", "ereignis", "auftragsstatus",),
    "basket": (
        "bestellung", "bestellnummer", "bestellnr", "bestell nr", "auftrag", "auftragsnummer", "auftragsnr",
        "rechnungsnummer", "rechnungsnr", "beleg", "belegnummer", "bon", "bonnummer",
    ),
    "quantity": ("menge", "anzahl", "stück", "stückzahl",),
    "title": ("bezeichnung", "artikelbezeichnung", "artikelname", "produktname", "produktbezeichnung",),
    "category": ("warengruppe", "produktgruppe", "kategorie",),
    "price": ("preis", "einzelpreis", "stückpreis", "verkaufspreis",),
    "cancelled": (
        "storniert", "storniert am", "storno", "stornodatum", "stornierung", "erstattet am", "ist storniert",
    ),
    "other": (
        "status", "bearbeiter", "zuständig", "mitarbeiter", "filiale", "schicht", "woche", "monat", "jahr", "land",
        "stadt", "kanal", "sprache", "priorität", "quelle", "marke", "produkt", "absender",
    ),
}  # fmt: skip
