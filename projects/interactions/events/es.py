"""Spanish."""

from __future__ import annotations

WORDS: dict[str, tuple[str, ...]] = {
    "kept": ("parcialmente reembols", "reembolso parcial", "parcialmente devuel", "reembolso rechaz"),
    "return": ("reembols", "devuel", "devoluci", "reintegr"),
    "unpaid": ("pendiente de pago", "pago pendiente", "no pagad", "impagad", "esperando el pago", "en espera"),
    "cancel": ("cancel", "anulad", "eliminad", "rechazad", "fallid", "caducad", "expirad", "abandonad", "denegad"),
    "shown": ("mostrad", "impresi"),
    "cart": ("*carrito", "cesta"),
    "wish": ("favorit", "deseo", "me gusta", "guardad", "compartid"),
    "buy": ("comprad", "compra", "pedid", "pagad", "completad", "enviad", "entregad", "reservad", "procesando"),
    "click": ("clic", "abiert", "leíd", "leid"),
    "view": ("vist", "visualiz"),
    "booked": ("reservad", "reserva"),
    "visited": ("visitad", "visita"),
    "read": ("leíd", "leid", "lectura"),
    "played": ("escuchad", "reproducid"),
}  # fmt: skip
