"""The roles of a log of who took what when, and what people call them; each use case adds its own words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from projects.usecases import Role, Text

PERSON = (
    "user id", "customer id", "user", "customer", "visitor id", "client", "client id", "member", "member id", "person", "person id",
    "visitor", "user pseudo id", "pseudo id", "full visitor id", "session id", "household", "household key", "buyer", "buyer id", "account", "account id", "shopper", "reviewer id",
    "customer no", "card number", "email", "customer email", "uid", "reader", "guest", "guest id", "guest email", "traveller", "traveler", "who", "kunde", "kundennummer", "kundennr", "client no",
    "下单帐号", "下单账号", "买家账号", "买家会员名", "会员名", "买家昵称", "用户名", "用户", "用户id", "用户编号", "客户", "客户编号", "客户id", "会员", "会员编号", "会员号", "顾客", "买家", "读者", "旅客",
)  # fmt: skip
ITEM = (
    "item id", "product id", "stock code", "sku", "item", "product", "article", "article id", "asin", "product code", "item code",
    "movie id", "book id", "isbn", "song id", "track id", "track", "track name", "video id", "news id", "content id", "post id", "course id", "game id",
    "items", "products", "product details", "line items", "order items", "items purchased", "items ordered", "hotel", "hotel id", "place", "place id", "venue", "venue id", "business id", "recipe id", "artist", "movie", "book", "song", "what", "poi", "trip", "trip id", "tour", "tour id", "post", "artikel", "artikelnummer", "destination id", "listing id", "destination", "iid", "variant id",
    "商品", "商品id", "商品编号", "商品编码", "商品明细", "商品信息", "商品清单", "购买商品", "产品", "产品编号", "货号", "物品", "文章", "文章id", "文章编号", "视频", "目的地", "景点", "酒店",
)  # fmt: skip
WHEN = (
    "timestamp", "date", "time", "when", "invoice date", "order date", "created at", "created", "datetime", "datum", "purchase date", "event time",
    "event timestamp", "order time", "visit date", "booking date", "transaction date", "day", "visited", "paid at", "ordered at", "ts", "unix time",
    "unix review time", "time stamp", "时间", "日期", "下单时间", "购买时间", "订单日期", "交易时间", "支付时间", "浏览时间", "点击时间", "预订时间",
)  # fmt: skip
WEIGHT = (
    "rating", "weight", "score", "stars", "overall", "rate", "grade", "liked", "preference", "play count", "plays", "minutes", "dwell time",
    "评分", "打分", "星级", "分数", "权重", "播放次数",
)  # fmt: skip
KIND = (
    "event", "event type", "kind", "action", "action type", "behavior", "behaviour", "behavior type", "type", "interaction",
    "interaction type", "activity", "status", "order status", "event name", "financial status", "payment status", "order state",
    "bestellstatus", "statut", "statut de la commande", "estado", "estado del pedido", "stato", "stato ordine", "行为", "行为类型", "事件", "事件类型", "动作", "订单状态",
)  # fmt: skip
BASKET = (
    "invoice no", "invoice", "order id", "order number", "basket", "basket id", "transaction id", "receipt", "order", "bill no",
    "order no", "transaction", "cart id", "booking id", "bestellnummer", "订单", "订单号", "订单编号", "单号", "小票号", "流水号",
)  # fmt: skip
QUANTITY = (
    "quantity",
    "qty",
    "amount",
    "units",
    "count",
    "pieces",
    "lineitem quantity",
    "quantity purchased",
    "quantity ordered",
    "订购数量",
    "宝贝总数量",
    "menge",
    "数量",
    "件数",
    "购买数量",
)
TITLE = (
    "title", "description", "lineitem name", "product name", "item name", "bezeichnung", "name", "product title", "headline",
    "product",
    "item",
    "article", "item description",
    "标题", "名称", "宝贝标题", "宝贝名称", "商品标题", "商品名称", "商品名", "产品名称", "文章标题",
)  # fmt: skip
CATEGORY = (
    "category",
    "genre",
    "genres",
    "department",
    "category name",
    "section",
    "topic",
    "类别",
    "分类",
    "品类",
    "频道",
)
PRICE = ("price", "unit price", "item price", "lineitem price", "sale price", "list price", "单价", "价格", "售价")


CANCELLED = (
    "cancelled at",
    "canceled at",
    "cancelled",
    "canceled",
    "is cancelled",
    "refunded at",
    "取消时间",
    "已取消",
)


def roles(who: Text, what: Text, took: Text) -> tuple[Role, ...]:
    """All roles of the family; WHO, WHAT and TOOK are the helps that differ."""
    return (
        Role("person", pgettext_lazy("in a log", "Person"), who, PERSON),
        Role("item", _("Item"), what, ITEM),
        Role("when", _("When"), took, WHEN, required=False),
        Role("weight", _("Rating"), _("Stars, a score, or how often or how long."), WEIGHT, required=False),
        Role("kind", _("Kind of event"), _("Such as view, click, cart, purchase."), KIND, required=False),
        Role("basket", _("Basket"), _("The order or invoice: what was bought together."), BASKET, required=False),
        Role("quantity", _("Quantity"), _("How many. Below zero means it came back."), QUANTITY, required=False),
        Role("title", _("Title"), _("What the item is called, if the log says it."), TITLE, required=False),
        Role("category", _("Category"), _("What kind of item it is, if the log says it."), CATEGORY, required=False),
        Role("price", _("Price"), _("What one costs, if the log says it."), PRICE, required=False),
        Role(
            "cancelled",
            _("Cancelled"),
            _("A date, a reason or a yes says that the order was cancelled."),
            CANCELLED,
            required=False,
        ),
    )


METRICS: dict[str, Text] = {
    "hit@10": _("How often at least one of the ten shown is chosen next"),
    "ndcg@10": _("How high up in the ten shown the right ones stand"),
    "recall@10": _("How much of what is chosen next is among the ten shown"),
    "coverage": _("How much of the catalogue is ever shown"),
    "novelty": _("How rarely others choose what is shown"),
}
BASE_MODELS = ("all-minilm-l6-v2", "multilingual-e5-small")
EMBEDDER = {"": "all-minilm-l6-v2", "zh": "multilingual-e5-small"}
