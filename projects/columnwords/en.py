"""English."""

from __future__ import annotations

WORDS: dict[str, tuple[str, ...]] = {
    "question": ("question", "faq", "customer question", "customer query",),
    "message": (
        "first customer message", "customer message", "customer text", "message from customer", "case description",
        "ticket description", "inquiry text",
    ),
    "review": (
        "verbatim", "comments", "feedback text", "open feedback", "what could we do better", "what do you think",
        "any other comments", "other comments", "suggestions",
    ),
    "answer": (
        "reply", "replies", "company reply", "business reply", "owner reply", "seller reply", "merchant reply",
        "shop reply", "developer reply", "developer response", "company response", "owner response",
        "business response", "public response", "merchant response", "agent message", "agent response",
        "agent answer", "staff reply", "staff answer", "support reply", "our reply", "our answer", "answer given",
        "suggested answer", "suggested reply", "canned response",
    ),
    "team": (
        "agent", "staff", "support", "operator", "company", "owner", "seller", "merchant", "developer", "shop",
        "business", "vendor",
    ),
    "customer": ("customer", "client", "user", "buyer", "visitor", "consumer", "guest",),
    "topic": (
        "topic", "category", "categories", "classification", "classifications", "theme", "subject area",
        "issue type", "issue", "sub issue", "ticket type", "case reason", "disposition", "wrap up code", "product area",
        "contact reason",
    ),
    "label": ("intent", "label", "class", "ground truth",),
    "rating": (
        "rating", "stars", "star rating", "score", "nps", "nps score", "satisfaction", "satisfaction score",
        "csat", "how satisfied*", "how likely*", "overall experience", "overall rating", "rate us",
        "how would you rate*",
    ),
    "risk": ("risk level", "severity", "urgency", "triage level",),
    "person": (
        "client id", "buyer", "buyer username", "loyalty id", "loyalty card", "card no", "account number",
        "account no", "listener", "viewer", "shopper id", "customer number", "customer code", "cust", "cust id", "cust no",
        "customer phone", "phone number", "phone no", "mobile number", "mobile no", "msisdn", "patient id", "student id", "learner", "subscriber",
        "subscriber id", "player id", "device id", "cookie id", "anonymous id", "login", "username", "user name", "nickname",
        "borrower", "patron", "contact id", "household id", "member no", "member number", "membership no", "card id", "profile id",
        "visit id", "session", "buyer email", "user hash", "shopper", "subject id", "user key", "customer key",
    ),
    "item": (
        "listing id", "product sku", "variant sku", "product handle", "system id", "item number", "track", "ean", "ean code",
        "gtin", "upc", "barcode", "bar code", "plu", "part number", "part no", "item no", "product no", "product number",
        "article number", "article no", "art no", "prod id", "material number", "model number", "dish", "menu item", "film id",
        "show id", "episode id", "paper id", "article key", "product key", "song title", "movie title", "book title", "restaurant id",
    ),
    "when": (
        "sale date", "date of sale", "order placed", "placed at", "played at", "paid date", "watched at",
        "check in",
    ),
    "basket": (
        "order id", "sale id", "increment id", "order name", "receipt no", "receipt number", "check number",
        "ticket no", "booking reference", "order reference", "reservation",
    ),
    "quantity": (
        "qty ordered", "quantity ordered", "units sold", "qty sold", "number of items", "total quantity",
    ),
    "cancelled": (
        "cancelled at", "canceled at", "cancelled on", "canceled on", "cancelled", "canceled", "is cancelled",
        "is canceled", "cancelled date", "canceled date", "date cancelled", "date canceled", "cancellation date",
        "cancellation time", "cancel date", "cancel time", "cancelled time", "cancellation reason",
        "cancel reason", "refunded at", "refunded on", "date refunded", "refund date", "is refunded", "refunded",
        "voided at", "is void",
    ),
    "other": (
        "case comments", "internal comments", "ticket comments", "agent comments", "private notes", "internal notes", "work notes",
        "status", "state", "priority", "sla", "resolution status", "assigned to", "assignee", "owner",
        "handled by", "group", "shift", "week", "month", "quarter", "year", "weekday", "day of week", "store",
        "branch", "shop", "country", "region", "city", "brand", "product", "product name", "version", "platform",
        "os", "ip", "ip address", "user agent", "language", "locale", "pipeline", "stage", "mailbox", "brand id", "plan",
    ),
    "named person": ("guest name", "customer name", "client name", "buyer name", "shopper name", "member name", "passenger name"),
}  # fmt: skip
