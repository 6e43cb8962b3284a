"""The parts that columns of a table of items can play, and what people call them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from projects.usecases import Role

ROLES: tuple[Role, ...] = (
    Role(
        "item",
        _("Item"),
        _("The id of the item, the same as in the log."),
        (
            "item id", "id", "product id", "sku", "stock code", "code", "movie id", "article id", "asin", "isbn", "handle", "book id",
            "news id", "place id", "hotel id", "trip id", "listing id", "video id", "song id", "course id", "商品", "商品编号", "商品id",
            "编号", "产品编号", "文章编号", "货号",
        ),
    ),
    Role(
        "title",
        _("Title"),
        _("What people call it."),
        (
            "title", "name", "item name", "product name", "product", "description", "headline", "product title", "destination",
            "标题", "名称", "商品名称", "商品名", "产品名称", "片名", "书名", "景点",
        ),
        required=False,
    ),
    Role(
        "category",
        _("Category"),
        _("What kind of thing it is."),
        (
            "category", "categories", "genre", "genres", "department", "product type", "type", "section", "topic", "brand category",
            "collection", "kind", "kind of trip", "trip type", "style", "region", "类别", "分类", "品类", "类型", "频道",
        ),
        required=False,
    ),
    Role(
        "text",
        _("Description"),
        _("A text about it. Other columns with texts are added to it."),
        (
            "text", "description", "body", "summary", "abstract", "overview", "details", "content", "about", "long description",
            "body html", "描述", "简介", "内容", "详情", "介绍", "摘要",
        ),
        required=False,
    ),
    Role(
        "price",
        _("Price"),
        _("What one costs."),
        ("price", "unit price", "price per person", "price per night", "fare", "list price", "sale price", "cost", "amount", "variant price", "价格", "单价", "售价", "金额"),
        required=False,
    ),
    Role(
        "picture",
        _("Picture"),
        _("The address of a picture."),
        ("image", "picture", "image url", "photo", "img", "thumbnail", "image src", "image link", "poster", "cover", "图片", "图片链接", "封面", "主图"),
        required=False,
    ),
    Role(
        "link",
        _("Link"),
        _("The address of its page."),
        ("link", "url", "page", "product url", "href", "permalink", "链接", "网址", "地址"),
        required=False,
    ),
    Role(
        "available",
        _("Available"),
        _("Whether one can have it now: yes or no, or how many are in stock."),
        (
            "available", "in stock", "availability", "stock", "inventory", "active", "status", "published", "quantity in stock",
            "是否有货", "库存", "上架", "是否上架", "状态",
        ),
        required=False,
    ),
)  # fmt: skip
