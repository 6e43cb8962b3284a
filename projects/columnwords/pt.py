"""Portuguese."""

from __future__ import annotations

HEAD = "first"  # the first word of a name says what it is
WORDS: dict[str, tuple[str, ...]] = {
    "question": ("pergunta", "perguntas", "dúvida", "pergunta do cliente",),
    "message": (
        "mensagem", "solicitação", "descrição", "texto", "assunto", "conteúdo", "pedido de ajuda", "problema",
        "reclamação",
    ),
    "review": ("comentário", "comentários", "avaliação escrita", "opinião", "observações", "sugestões",),
    "answer": ("resposta", "respostas", "solução", "nossa resposta", "resposta do atendente",),
    "team": ("atendente", "vendedor", "suporte", "empresa", "loja",),
    "topic": ("categoria", "tema", "motivo", "tipo de solicitação", "departamento",),
    "label": ("etiqueta", "rótulo", "classe", "intenção",),
    "rating": ("nota", "avaliação", "estrelas", "pontuação", "satisfação", "satisfeito*",),
    "feeling": ("sentimento", "polaridade",),
    "risk": ("risco", "nível de risco", "gravidade", "urgência", "prioridade",),
    "person": ("cliente", "id cliente", "código do cliente", "comprador", "usuário", "utilizador",),
    "item": ("produto", "artigo", "código do produto", "referência",),
    "when": ("data", "data do pedido", "data da compra", "hora",),
    "kind": ("status do pedido", "estado", "situação", "evento",),
    "basket": (
        "pedido", "número do pedido", "n pedido", "id pedido", "fatura", "nota fiscal", "encomenda",
    ),
    "quantity": ("quantidade", "qtd", "unidades",),
    "title": ("descrição do produto", "nome do produto",),
    "category": ("categoria",),
    "price": ("preço", "preço unitário", "valor unitário",),
    "cancelled": ("cancelado", "cancelado em", "data de cancelamento", "reembolsado",),
    "other": (
        "status", "situação", "atendente", "loja", "canal", "país", "cidade", "idioma", "semana", "mês", "ano",
        "prioridade", "marca", "produto",
    ),
}  # fmt: skip
