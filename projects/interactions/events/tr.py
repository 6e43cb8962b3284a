"""Turkish."""

from __future__ import annotations

WORDS: dict[str, tuple[str, ...]] = {
    "kept": ("kısmi iade", "kısmen iade"),
    "return": ("iade", "geri ödend"),
    "unpaid": ("ödeme bekl", "ödenmedi"),
    "cancel": ("iptal", "silindi", "reddedildi", "başarısız", "süresi doldu"),
    "cart": ("sepet",),
    "wish": ("favori", "beğen", "paylaş"),
    "buy": ("satın al", "sipariş", "ödendi", "tamamland", "gönderildi", "teslim", "kargo"),
    "click": ("tıkla",),
    "view": ("görüntüle", "incele"),
}  # fmt: skip
