"""English."""

from __future__ import annotations

WORDS: dict[str, tuple[str, ...]] = {
    "kept": (
        "partially refund", "partly refund", "partial refund", "partially return", "partially refund",
        "partially cancel", "refund declined", "refund rejected", "return rejected",
    ),
    "return": ("*return", "*refund", "*chargeback", "charge back", "rma", "sent back"),
    "unpaid": (
        "pending payment", "payment pending", "awaiting payment", "unpaid", "not paid", "waiting for payment",
        "on hold", "authorized", "authorised",
    ),
    "cancel": (
        "*cancel", "*remove", "dislike", "void", "unlike", "unsub", "unfollow", "skip", "hide", "closed", "failed",
        "declined", "denied", "rejected", "expired", "*abandon", "undeliverable", "fraud", "trash", "deleted",
        "lost in transit",
    ),
    "shown": ("*impression", "shown", "*expos"),
    "cart": ("*cart", "basket", "bag", "begin checkout", "initiate checkout", "checkout started", "payment info", "shipping info"),
    "wish": ("*wish", "fav", "save", "bookmark", "like", "share", "subscribe"),
    "buy": (
        "buy", "bought", "*purchas", "*order", "transaction", "*checkout", "paid", "sale", "sold", "complet",
        "*deliver", "ship", "book", "stay", "visited", "fulfilled", "captured", "processing", "invoiced", "ready", "closed won",
    ),
    "click": ("*click", "open", "read ", "reading", "*play", "watch", "listen", "visit"),
    "view": ("*view", "pv", "browse", "detail", "page", "look", "see", "screen"),
    "booked": ("booked", "booking", "reserved", "reservation", "check in", "checked in"),
    "visited": ("visit", "stay"),
    "watched": ("watch", "*stream"),
    "read": ("read ", "reading"),
    "played": ("*play", "listen"),
}  # fmt: skip
