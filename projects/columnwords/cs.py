"""Czech and Slovak."""

from __future__ import annotations

HEAD = "first"  # the first word of a name says what it is
WORDS: dict[str, tuple[str, ...]] = {
    "question": ("dotaz", "dotazy", "otázka", "otázka zákazníka",),
    "message": (
        "zpráva", "popis", "text", "předmět", "požadavek", "správa", "predmet", "žiadosť", "obsah",
    ),
    "review": ("komentář", "recenze", "hodnocení text", "názor", "poznámka", "komentár", "recenzia",),
    "answer": ("odpověď", "odpověd*", "řešení", "naše odpověď", "odpoveď", "odpoved*", "riešenie",),
    "topic": ("kategorie", "téma", "důvod", "oddělení", "kategória", "dôvod",),
    "label": ("štítek", "třída", "záměr",),
    "rating": ("hodnocení", "hvězdičky", "známka", "spokojenost", "hodnotenie", "spokojnosť",),
    "feeling": ("nálada",),
    "risk": ("riziko", "úroveň rizika", "naléhavost", "priorita",),
    "person": ("zákazník", "id zákazníka", "číslo zákazníka", "kupující", "uživatel", "klient",),
    "item": ("produkt", "zboží", "kód produktu", "výrobek", "položka", "tovar",),
    "when": ("datum", "datum objednávky", "dátum", "čas",),
    "kind": ("stav", "stav objednávky", "událost",),
    "basket": ("objednávka", "číslo objednávky", "faktura", "číslo faktury",),
    "quantity": ("množství", "počet", "ks", "množstvo",),
    "title": ("název produktu", "název zboží", "název", "názov",),
    "category": ("kategorie", "skupina",),
    "price": ("cena", "jednotková cena",),
    "cancelled": ("stornováno", "zrušeno", "datum storna", "zrušené",),
    "other": (
        "stav", "operátor", "prodejna", "kanál", "země", "město", "jazyk", "týden", "měsíc", "rok", "priorita",
        "značka",
    ),
}  # fmt: skip
