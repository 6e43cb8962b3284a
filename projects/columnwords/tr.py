"""Turkish."""

from __future__ import annotations

WORDS: dict[str, tuple[str, ...]] = {
    "question": ("soru", "sorular", "sorusu", "müşteri sorusu",),
    "message": (
        "mesaj", "mesajı", "açıklama", "metin", "konu", "talep", "şikayet metni", "içerik", "bildirim",
        "müşteri mesajı",
    ),
    "review": ("yorum", "yorumu", "görüş", "geri bildirim", "müşteri yorumu", "değerlendirme metni",),
    "answer": ("cevap", "cevabı", "yanıt", "yanıtı", "cevabımız", "yanıtımız", "çözüm",),
    "team": ("temsilci", "satıcı", "destek", "firma", "mağaza",),
    "topic": ("kategori", "konu başlığı", "neden", "departman", "talep türü",),
    "label": ("etiket", "sınıf", "niyet",),
    "rating": ("puan", "puanı", "yıldız", "değerlendirme", "memnuniyet",),
    "feeling": ("duygu", "duygu durumu",),
    "risk": ("risk", "risk seviyesi", "aciliyet", "öncelik",),
    "person": ("müşteri", "müşteri no", "müşteri numarası", "alıcı", "kullanıcı", "üye",),
    "item": ("ürün", "ürün kodu", "ürün no", "stok kodu", "barkod",),
    "when": ("tarih", "sipariş tarihi", "satın alma tarihi", "zaman",),
    "kind": ("durum", "sipariş durumu", "olay",),
    "basket": ("sipariş", "sipariş no", "sipariş numarası", "fatura no", "fiş no",),
    "quantity": ("adet", "miktar",),
    "title": ("ürün adı", "ürün ismi",),
    "category": ("kategori", "ürün grubu",),
    "price": ("fiyat", "birim fiyat",),
    "cancelled": ("iptal", "iptal tarihi", "iptal edildi", "iade tarihi",),
    "other": (
        "durum", "temsilci", "mağaza", "şube", "kanal", "ülke", "şehir", "dil", "hafta", "ay", "yıl", "öncelik",
        "marka", "ürün",
    ),
}  # fmt: skip
