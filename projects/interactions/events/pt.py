"""Portuguese."""

from __future__ import annotations

WORDS: dict[str, tuple[str, ...]] = {
    "kept": ("parcialmente reembols", "reembolso parcial", "parcialmente devolv"),
    "return": ("reembols", "devolv", "devolu", "estorn"),
    "unpaid": ("aguardando pagamento", "pagamento pendente", "não pag", "nao pag", "pendente de pagamento"),
    "cancel": ("cancelad", "anulad", "excluíd", "excluid", "recusad", "falhad", "falhou", "expirad", "abandonad", "negad"),
    "cart": ("*carrinho",),
    "wish": ("favorit", "desej", "curti", "compartilh", "partilh"),
    "buy": ("comprad", "compra", "pedido", "pago", "paga ", "concluíd", "concluid", "enviad", "entregue", "reservad", "processando"),
    "click": ("clicad", "abert", "lid"),
    "view": ("vist", "visualiz"),
}  # fmt: skip
