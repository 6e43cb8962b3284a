"""Polish."""

from __future__ import annotations

WORDS: dict[str, tuple[str, ...]] = {
    "kept": ("częściowo zwróc", "częściowy zwrot"),
    "return": ("zwróc", "zwrot"),
    "unpaid": ("oczekuje na płatność", "oczekujące na płatność", "nieopłacon", "niezapłacon"),
    "cancel": ("anulowan", "odwołan", "usunięt", "odrzucon", "nieudan", "wygas", "porzucon"),
    "cart": ("*koszyk",),
    "wish": ("ulubion", "polubion", "udostępnion"),
    "buy": ("kupion", "zakup", "zamów", "opłacon", "zapłacon", "zrealizowan", "zakończon", "wysłan", "dostarczon", "w realizacji"),
    "click": ("klik", "otwart", "przeczytan"),
    "view": ("obejrzan", "wyświetl"),
}  # fmt: skip
