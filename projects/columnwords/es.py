"""Spanish."""

from __future__ import annotations

HEAD = "first"  # the first word of a name says what it is
WORDS: dict[str, tuple[str, ...]] = {
    "question": ("pregunta", "preguntas", "consulta", "pregunta del cliente", "duda",),
    "message": (
        "mensaje", "descripción", "texto", "asunto", "solicitud", "incidencia", "contenido", "petición",
        "problema",
    ),
    "review": (
        "comentario", "comentarios", "reseña", "opinión", "valoración escrita", "observaciones", "sugerencias",
    ),
    "answer": (
        "respuesta", "respuestas", "respuesta del agente", "solución", "nuestra respuesta", "resolución",
        "contestación",
    ),
    "team": ("agente", "vendedor", "soporte", "empresa", "tienda", "asesor",),
    "topic": (
        "categoría", "tema", "motivo", "tipo de consulta", "departamento", "área", "tipo de incidencia",
    ),
    "label": ("etiqueta", "clase", "intención",),
    "rating": (
        "puntuación", "calificación", "estrellas", "valoración", "nota", "satisfacción", "satisfecho*",
    ),
    "feeling": ("sentimiento", "tono", "polaridad",),
    "risk": ("riesgo", "nivel de riesgo", "gravedad", "urgencia", "prioridad",),
    "person": (
        "cliente", "id cliente", "código cliente", "número de cliente", "n cliente", "comprador", "usuario",
        "socio",
    ),
    "item": (
        "producto", "artículo", "referencia", "código producto", "código de producto", "código artículo",
    ),
    "when": ("fecha", "fecha pedido", "fecha de pedido", "fecha de compra", "hora",),
    "kind": ("estado", "estado del pedido", "evento",),
    "basket": (
        "pedido", "número de pedido", "n pedido", "id pedido", "factura", "orden", "número de orden",
    ),
    "quantity": ("cantidad", "unidades", "cant",),
    "title": ("descripción del producto", "nombre del producto", "nombre producto", "denominación",),
    "category": ("categoría", "familia",),
    "price": ("precio", "precio unitario",),
    "cancelled": (
        "cancelado", "cancelado el", "fecha de cancelación", "anulado", "fecha de anulación", "reembolsado",
    ),
    "other": (
        "estado", "agente", "responsable", "tienda", "sucursal", "canal", "país", "ciudad", "idioma", "semana",
        "mes", "año", "prioridad", "marca", "producto",
    ),
}  # fmt: skip
