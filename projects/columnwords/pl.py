"""Polish."""

from __future__ import annotations

HEAD = "first"  # the first word of a name says what it is
WORDS: dict[str, tuple[str, ...]] = {
    "question": ("pytanie", "pytania", "pytanie klienta", "zapytanie",),
    "message": (
        "treść", "treść zgłoszenia", "wiadomość", "opis", "zgłoszenie", "temat wiadomości", "tekst", "problem",
    ),
    "review": ("komentarz", "opinia", "recenzja", "uwagi", "treść opinii",),
    "answer": ("odpowiedź", "odpowied*", "nasza odpowiedź", "rozwiązanie",),
    "team": ("konsultant", "sprzedawca", "pracownik", "firma", "sklep",),
    "topic": ("kategoria", "temat", "powód", "dział", "typ zgłoszenia",),
    "label": ("etykieta", "klasa", "intencja",),
    "rating": ("ocena", "gwiazdki", "liczba gwiazdek", "zadowolenie", "punkty",),
    "feeling": ("nastrój", "wydźwięk", "sentyment",),
    "risk": ("ryzyko", "poziom ryzyka", "pilność", "priorytet",),
    "person": ("klient", "id klienta", "nr klienta", "numer klienta", "kupujący", "użytkownik",),
    "item": ("produkt", "towar", "kod produktu", "symbol", "indeks", "artykuł",),
    "when": ("data", "data zamówienia", "data zakupu", "czas",),
    "kind": ("status", "status zamówienia", "stan", "zdarzenie",),
    "basket": ("zamówienie", "nr zamówienia", "numer zamówienia", "faktura", "nr faktury", "paragon",),
    "quantity": ("ilość", "liczba", "sztuk",),
    "title": ("nazwa produktu", "nazwa towaru", "nazwa",),
    "category": ("kategoria", "grupa",),
    "price": ("cena", "cena jednostkowa",),
    "cancelled": ("anulowano", "anulowane", "data anulowania", "czy anulowane", "zwrócono",),
    "other": (
        "status", "stan", "konsultant", "sklep", "kanał", "kraj", "miasto", "język", "tydzień", "miesiąc", "rok",
        "priorytet", "marka", "produkt",
    ),
}  # fmt: skip
