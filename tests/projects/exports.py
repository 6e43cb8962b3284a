"""Small files of our own in the shapes that well-known programs and collections have: made in code, row by row."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COMPLAINTS = (
    "The app closes as soon as I open my order, version {n}", "My parcel {n} has been on its way for nine days now",
    "I was charged twice for order {n} and nobody answers", "The zipper of the jacket broke after {n} days of wearing it",
    "Support answered within {n} minutes and solved it, thank you", "Wonderful kettle, the best of the {n} I have owned",
    "How do I change the address of order {n} before it ships?", "The invoice for {n} shows the wrong company name",
    "It is fine for what I paid, {n} euros, nothing special", "Where can I find the password for account number {n}?",
)  # fmt: skip
REPLIES = (
    "We are sorry, please update to version {n} and try once more.", "Your parcel is at the depot and arrives in {n} days.",
    "The second charge of order {n} was sent back to you today.", "Please send us a photo and we replace it within {n} days.",
    "You change it on your account page, under order {n}, addresses.",
)  # fmt: skip
ZH = (
    "第{n}次买了，非常好用，还会再来",
    "等了{n}天才到，包装也破了",
    "客服态度很差，问了{n}次都不回",
    "颜色和图片一样，{n}分满意",
    "质量一般，用了{n}天就坏了",
)
ZH_REPLIES = (
    "您好，订单{n}已为您重新安排发货，请注意查收。",
    "非常抱歉，第{n}号问题我们今天内为您处理。",
    "您可以在订单{n}的详情页申请退款。",
)
PEOPLE = ("Anna Schmidt", "Ben Carter", "Chen Jing", "Dana Novak")
THINGS = (
    "Blue mug",
    "Coffee pot",
    "Cotton scarf",
    "Desk lamp",
    "Lunch box",
    "Oil lamp",
    "Seed box",
    "Wool scarf",
    "Oak tray",
    "Tin bell",
)


def day(n: int, form: str = "{y}-{m:02d}-{d:02d} {h:02d}:{min:02d}:{s:02d}") -> str:
    return form.format(y=2026, m=n // 28 % 12 + 1, d=n % 28 + 1, h=n * 7 % 24, min=n * 13 % 60, s=n * 29 % 60)


def said(n: int) -> str:
    return COMPLAINTS[n * 7 % 10].format(n=n + 2)


def replied(n: int) -> str:
    return REPLIES[n * 3 % 5].format(n=n + 2)


def zh(n: int) -> str:
    return ZH[n * 3 % 5].format(n=n + 2)


def zh_replied(n: int) -> str:
    return ZH_REPLIES[n % 3].format(n=n + 2)


def pick(n: int, *some: str) -> str:
    return some[(n * 7 + n // 3) % len(some)]


@dataclass(frozen=True)
class Export:
    """A file and what is right for it: role → column, several columns that are read together, or one of some columns
    ("a|b"); "" where it has to ask."""

    name: str
    case: str
    right: dict[str, str | list[str]]
    header: list[str]
    row: Callable[[int], list[Any]]
    form: str = "csv"  # csv, tsv, semicolon or jsonl
    rows: int = 90
    bare: bool = False  # without its header
    words: tuple[str, ...] = field(default=())

    def write(self, folder: Path) -> Path:
        rows = [self.row(n) for n in range(self.rows)]
        if self.form == "jsonl":
            path = folder / f"{self.name}.jsonl"
            lines = [json.dumps(dict(zip(self.header, row, strict=True)), ensure_ascii=False) for row in rows]
            path.write_text("\n".join(lines), encoding="utf-8")
            return path
        path = folder / f"{self.name}.{'tsv' if self.form == 'tsv' else 'csv'}"
        out = io.StringIO()
        delimiter = {"csv": ",", "tsv": "\t", "semicolon": ";"}[self.form]
        table = csv.writer(out, delimiter=delimiter)
        table.writerows([*([] if self.bare else [self.header]), *rows])
        path.write_text(out.getvalue(), encoding="utf-8")
        return path


def _e(
    name: str, case: str, right: dict[str, Any], header: str, row: Callable[[int], list[Any]], **more: Any
) -> Export:
    return Export(name, case, right, next(csv.reader([header])), row, **more)


def _zendesk(n: int) -> list[Any]:
    return [n + 4001, f"About order {n}", pick(n, *PEOPLE), 370000000000 + n % 20, day(n), day(n + 1), PEOPLE[n % 4], pick(n, "Billing", "Shipping", "Returns"), pick(n, "Open", "Solved"), pick(n, "Normal", "High"), pick(n, "Web", "Email"), pick(n, "Question", "Problem")]  # fmt: skip


def _freshdesk(n: int) -> list[Any]:
    return [n + 1, said(n)[:60], pick(n, "Open", "Closed"), pick(n + 1, "Low", "Medium", "Urgent"), pick(n + 2, "Email", "Portal"), pick(n, "Refund", "Delivery", "Defect"), pick(n, *PEOPLE), pick(n + 1, "Level 1", "Level 2"), day(n), day(n + 2), day(n + 1), f"{n % 24:02d}:{n % 60:02d}:00", n % 5 + 1, pick(n, "Within SLA", "SLA Violated"), "", f"c{n % 40}@example.org"]  # fmt: skip


def _hubspot(n: int) -> list[Any]:
    return [90210 + n * 17, f"Order {n} question", said(n), "Support Pipeline", pick(n, "New", "Closed"), day(n), pick(n, "LOW", "HIGH"), pick(n, *PEOPLE), pick(n + 1, "EMAIL", "CHAT"), replied(n)]  # fmt: skip


def _tickets(n: int) -> list[Any]:
    return [n + 1, pick(n, *PEOPLE), f"c{n}@example.net", 20 + n % 50, pick(n, "Female", "Male"), THINGS[n % 10], day(n, "{y}-{m:02d}-{d:02d}"), pick(n, "Refund request", "Technical issue", "Billing inquiry"), pick(n + 4, "Battery life", "Account access", "Data loss", "Setup"), said(n), pick(n, "Open", "Closed"), replied(n), pick(n + 2, "Low", "Critical", "High"), pick(n, "Email", "Phone"), day(n + 1), n % 5 + 1]  # fmt: skip


def _shop(n: int) -> str:
    return THINGS[(n * n + n // 4) % 10]


EXPORTS = [
    # Desks
    _e("zendesk_view", "intent_routing", {"text": "Subject", "label": "Group|Ticket type"}, "Id,Subject,Requester,Requester id,Created at,Updated at,Assignee,Group,Status,Priority,Via,Ticket type", _zendesk),
    _e("zendesk_view_answers", "support_bot", {"answer": ""}, "Id,Subject,Requester,Requester id,Created at,Updated at,Assignee,Group,Status,Priority,Via,Ticket type", _zendesk),
    _e("freshdesk", "intent_routing", {"text": "Subject", "label": "Type"}, "Ticket ID,Subject,Status,Priority,Source,Type,Agent,Group,Created time,Due by Time,Resolved time,Time tracked,Agent interactions,Resolution status,Tags,Email", _freshdesk),
    _e("freshdesk_answers", "support_bot", {"answer": ""}, "Ticket ID,Subject,Status,Priority,Source,Type,Agent,Group,Created time,Due by Time,Resolved time,Time tracked,Agent interactions,Resolution status,Tags,Email", _freshdesk),
    _e("hubspot", "support_bot", {"question": ["Ticket name", "Ticket description"], "answer": "Resolution"}, "Ticket ID,Ticket name,Ticket description,Pipeline,Ticket status,Create date,Priority,Ticket owner,Source,Resolution", _hubspot),
    _e("kaggle_tickets", "intent_routing", {"text": ["Ticket Subject", "Ticket Description"], "label": "Ticket Type"}, "Ticket ID,Customer Name,Customer Email,Customer Age,Customer Gender,Product Purchased,Date of Purchase,Ticket Type,Ticket Subject,Ticket Description,Ticket Status,Resolution,Ticket Priority,Ticket Channel,First Response Time,Customer Satisfaction Rating", _tickets),
    _e("kaggle_tickets_answers", "support_bot", {"question": ["Ticket Subject", "Ticket Description"], "answer": "Resolution"}, "Ticket ID,Customer Name,Customer Email,Customer Age,Customer Gender,Product Purchased,Date of Purchase,Ticket Type,Ticket Subject,Ticket Description,Ticket Status,Resolution,Ticket Priority,Ticket Channel,First Response Time,Customer Satisfaction Rating", _tickets),
    _e("kaggle_tickets_risk", "risk_triage", {"text": ["Ticket Subject", "Ticket Description"], "label": "Ticket Priority"}, "Ticket ID,Customer Name,Customer Email,Customer Age,Customer Gender,Product Purchased,Date of Purchase,Ticket Type,Ticket Subject,Ticket Description,Ticket Status,Resolution,Ticket Priority,Ticket Channel,First Response Time,Customer Satisfaction Rating", _tickets),
    _e("工单", "support_bot", {"question": "问题描述", "answer": "处理结果"}, "工单编号,客户姓名,联系电话,问题分类,问题描述,处理结果,处理人,创建时间", lambda n: [f"GD2026{n:05d}", pick(n, "陈静", "王伟"), f"1380000{n:04d}", pick(n, "物流", "售后", "产品"), zh(n), zh_replied(n), pick(n, "李强", "赵敏"), day(n)]),
    _e("工单分类", "intent_routing", {"text": "问题描述", "label": "问题分类"}, "工单编号,客户姓名,联系电话,问题分类,问题描述,处理结果,处理人,创建时间", lambda n: [f"GD2026{n:05d}", pick(n, "陈静", "王伟"), f"1380000{n:04d}", pick(n, "物流", "售后", "产品"), zh(n), zh_replied(n), pick(n, "李强", "赵敏"), day(n)]),
    _e("cfpb", "intent_routing", {"text": "Consumer complaint narrative", "label": "Product|Issue"}, "Date received,Product,Sub-product,Issue,Consumer complaint narrative,Company public response,Company,State,ZIP code,Submitted via,Timely response?,Complaint ID", lambda n: [day(n, "{m:02d}/{d:02d}/{y}"), pick(n, "Credit card", "Mortgage", "Student loan"), "", pick(n + 1, "Fees", "Late payment"), said(n), pick(n, "Company has responded to the consumer and chooses not to say more", ""), pick(n, "ACME BANK", "NORTH BANK"), pick(n, "CA", "TX", "NY"), f"{10000 + n * 7}", pick(n, "Web", "Phone"), "Yes", 3000000 + n * 3]),
    # Reviews
    _e("app_store", "sentiment", {"text": ["Title", "Review"], "label": "Rating"}, "Date,Rating,Title,Review,Author,App Version,Country,Developer Response", lambda n: [day(n), n * 7 % 5 + 1, f"My {n} stars", said(n), f"user{n}", f"2.{n % 9}", pick(n, "us", "de", "cn"), replied(n) if n % 3 else ""]),
    _e("app_store_replies", "support_bot", {"question": ["Title", "Review"], "answer": "Developer Response"}, "Date,Rating,Title,Review,Author,App Version,Country,Developer Response", lambda n: [day(n), n * 7 % 5 + 1, f"My {n} stars", said(n), f"user{n}", f"2.{n % 9}", pick(n, "us", "de", "cn"), replied(n) if n % 3 else ""]),
    _e("trustpilot", "sentiment", {"text": ["Review Title", "Review Content"], "label": "Review Stars"}, "Review Id,Review Created (UTC),Review Consumer User Id,Review Title,Review Content,Review Stars,Source Of Review,Reply", lambda n: [f"{n:024x}", day(n), f"{n % 80:024x}", f"About order {n}", said(n), n * 3 % 5 + 1, pick(n, "Organic", "Invitation"), replied(n)]),
    _e("amazon_old", "sentiment", {"text": ["summary", "reviewText"], "label": "overall"}, "reviewerID,asin,reviewerName,helpful,reviewText,overall,summary,unixReviewTime,reviewTime", lambda n: [f"A{n % 40:012d}", f"B{n % 12:09d}", pick(n, *PEOPLE), "[0, 0]", said(n), float(n % 5 + 1), f"My kettle {n}", 1390000000 + n * 90000, day(n, "{m:02d} {d}, {y}")], form="jsonl"),
    _e("amazon_old_log", "recommendation", {"person": "reviewerID", "item": "asin", "when": "unixReviewTime", "weight": "overall"}, "reviewerID,asin,reviewerName,helpful,reviewText,overall,summary,unixReviewTime,reviewTime", lambda n: [f"A{n % 40:012d}", f"B{n % 12:09d}", pick(n, *PEOPLE), "[0, 0]", said(n), float(n % 5 + 1), f"My kettle {n}", 1390000000 + n * 90000, day(n, "{m:02d} {d}, {y}")], form="jsonl"),
    _e("amazon_2023", "sentiment", {"text": ["title", "text"], "label": "rating"}, "rating,title,text,images,asin,parent_asin,user_id,timestamp,helpful_vote,verified_purchase", lambda n: [float(n % 5 + 1), f"Order {n} came", said(n), "[]", f"B{n % 12:09d}", f"B{n % 12:09d}", f"AE{n % 40:024d}", 1588687728923 + n * 86_400_000, n % 4, True], form="jsonl"),
    _e("clothing", "sentiment", {"text": ["Title", "Review Text"], "label": "Rating"}, ",Clothing ID,Age,Title,Review Text,Rating,Recommended IND,Positive Feedback Count,Division Name,Department Name,Class Name", lambda n: [n, 700 + n % 30, 20 + n % 50, f"Number {n} fits", said(n), n * 3 % 5 + 1, n % 2, n % 9, pick(n, "General", "Petite"), pick(n, "Tops", "Dresses"), pick(n, "Knits", "Blouses", "Pants")]),
    _e("yelp", "sentiment", {"text": "text", "label": "stars"}, "review_id,user_id,business_id,stars,useful,funny,cool,text,date", lambda n: [f"r{n:021d}", f"u{n % 30:021d}", f"b{n % 9:021d}", float(n % 5 + 1), n % 4, 0, n % 2, said(n), day(n)], form="jsonl"),
    _e("yelp_log", "recommendation", {"person": "user_id", "item": "business_id", "when": "date", "weight": "stars"}, "review_id,user_id,business_id,stars,useful,funny,cool,text,date", lambda n: [f"r{n:021d}", f"u{n % 30:021d}", f"b{n % 9:021d}", float(n % 5 + 1), n % 4, 0, n % 2, said(n), day(n)], form="jsonl"),
    _e("hotel", "sentiment", {"text": ["Positive_Review", "Negative_Review"], "label": ""}, "Hotel_Address,Review_Date,Hotel_Name,Negative_Review,Positive_Review,Reviewer_Score", lambda n: [f"{n % 9} Canal Street Amsterdam", day(n, "{m}/{d}/{y}"), f"Hotel {THINGS[n % 9]}", f" {said(n)}", f" {replied(n)}", f"{(n * 13 % 75 + 25) / 10}"]),
    _e("评论", "sentiment", {"text": "评论内容", "label": "评分"}, "用户昵称,评论时间,评论内容,评分,商品名称,点赞数", lambda n: [f"用户{n % 70}", day(n), zh(n), n * 3 % 5 + 1, pick(n, "茶壶", "茶杯"), n % 7]),
    # Shops
    _e("woocommerce", "recommendation", {"person": "Customer Email|Customer User ID", "item": "Items", "when": "Order Date", "basket": "Order Number"}, "Order Number,Order Status,Order Date,Customer User ID,Customer Email,City,Payment Method,Order Total,Items", lambda n: [9000 + n, pick(n, "wc-completed", "wc-cancelled"), day(n), n % 30 + 1, f"c{n % 30}@example.org", pick(n, "Berlin", "Bonn"), "paypal", f"{n % 50 + 5}.90", "; ".join(f"{_shop(n + at)} x {at + 1}" for at in range(1 + n % 3))]),
    _e("淘宝订单", "recommendation", {"person": "买家会员名", "item": "宝贝标题", "when": "订单创建时间|订单付款时间", "kind": "订单状态", "basket": "订单编号"}, "订单编号,买家会员名,买家应付货款,总金额,订单状态,收货地址,订单创建时间,订单付款时间,宝贝标题,宝贝总数量", lambda n: [f'="{3000000000000000000 + n}"', f"买家{n % 30}", "59.00", "59.00", pick(n, "交易成功", "交易关闭", "交易成功"), f"浙江省杭州市{n}号", day(n), day(n), "，".join(("茶壶", "茶杯", "茶盘", "竹勺", "茶叶罐")[(n + at * 2) % 5] for at in range(1 + n % 3)), 1 + n % 3]),
    _e("京东订单", "recommendation", {"person": "下单帐号", "item": "商品ID", "when": "下单时间", "kind": "订单状态", "basket": "订单号", "quantity": "订购数量", "title": "商品名称"}, "订单号,商品ID,商品名称,订购数量,支付方式,下单时间,京东价,订单金额,订单状态,下单帐号,客户姓名,客户地址", lambda n: [200000000000 + n, 1000000 + n % 12, ("茶壶", "茶杯", "茶盘")[n % 3], 1 + n % 2, "在线支付", day(n), "59.00", "59.00", pick(n, "完成", "(删除)等待出库", "锁定"), f"jd_{n % 30}", pick(n, "陈静", "王伟"), f"上海市{n}号"]),
    _e("amazon_orders", "recommendation", {"person": "buyer-email", "item": "sku", "when": "purchase-date", "basket": "order-id", "quantity": "quantity-purchased", "title": "product-name"}, "order-id,order-item-id,purchase-date,payments-date,buyer-email,buyer-name,sku,product-name,quantity-purchased,ship-city,ship-country", lambda n: [f"028-{n:07d}-1234567", 6000000 + n, f"{day(n)[:10]}T10:{n % 60:02d}:00+00:00", f"{day(n)[:10]}T10:{n % 60:02d}:00+00:00", f"m{n % 30}@marketplace.example", pick(n, *PEOPLE), f"KT-{n % 12}", THINGS[n % 10], 1 + n % 2, pick(n, "Berlin", "Bonn"), "DE"], form="tsv"),
    _e("amazon_all_orders", "recommendation", {"person": "amazon-order-id"}, "amazon-order-id,purchase-date,order-status,fulfillment-channel,sales-channel,product-name,sku,asin,quantity,item-price,ship-city,ship-state,ship-country", lambda n: [f"028-{n:07d}-1234567", f"{day(n)[:10]}T10:{n % 60:02d}:00+00:00", pick(n, "Shipped", "Cancelled"), pick(n, "Amazon", "Merchant"), "Amazon.de", THINGS[n % 10], f"KT-{n % 12}", f"B{n % 12:09d}", 1, "12.90", pick(n, "Berlin", "Bonn", "Ulm"), "", "DE"], form="tsv"),
    _e("online_retail", "recommendation", {"person": "CustomerID", "item": "StockCode", "when": "InvoiceDate", "basket": "InvoiceNo", "quantity": "Quantity", "title": "Description", "price": "UnitPrice"}, "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country", lambda n: [536365 + n // 3, f"85{n % 12:03d}A", THINGS[n % 10].upper(), n % 6 + 1, day(n, "{m}/{d}/{y} {h}:{min:02d}"), "2.55", f"178{n % 30:02d}", pick(n, "Germany", "France")]),
    _e("instacart", "recommendation", {"person": "order_id"}, "order_id,product_id,add_to_cart_order,reordered", lambda n: [n // 3 + 1, 30000 + n * 7 % 40, n % 3 + 1, n % 2]),
    # Logs
    _e("movielens", "recommendation", {"person": "userId", "item": "movieId", "when": "timestamp", "weight": "rating"}, "userId,movieId,rating,timestamp", lambda n: [n // 9 + 1, 30 + n * 7 % 40, (n % 9 + 1) / 2, 964982703 + n * 40]),
    _e("book_crossing", "recommendation", {"person": "User-ID", "item": "ISBN", "weight": "Book-Rating"}, "User-ID,ISBN,Book-Rating", lambda n: [276725 + n % 30, f"0{34545104 + n * 7 % 40}X", n * 3 % 11], form="semicolon"),
    _e("steam", "recommendation", {"item": ""}, "a,b,c,d,e", lambda n: [151603712 + n % 30, THINGS[n * 7 % 10], pick(n, "purchase", "play"), f"{n % 40}.{n % 10}", 0], bare=True),
    _e("retailrocket", "recommendation", {"person": "visitorid", "item": "itemid", "when": "timestamp", "kind": "event"}, "timestamp,visitorid,event,itemid,transactionid", lambda n: [1433221332117 + n * 1000, 257000 + n % 30, pick(n, "view", "addtocart", "transaction"), 355908 + n * 7 % 40, n if n % 9 == 0 else ""]),
    # Desks and reviews in other languages: the team's words are never the customer's, a state is no topic
    _e("es", "intent_routing", {"text": "Consulta del cliente", "label": ""}, "Nº,Fecha,Consulta del cliente,Respuesta del agente,Estado", lambda n: [n + 1, day(n, "{d:02d}/{m:02d}/{y}"), pick(n, "¿Dónde está mi pedido {n}?", "Quiero devolver el artículo {n}").format(n=n), f"Su pedido {n} llega mañana a su casa por la tarde.", pick(n, "Cerrado", "Abierto")], form="semicolon"),
    _e("es_answers", "support_bot", {"question": "Consulta del cliente", "answer": "Respuesta del agente"}, "Nº,Fecha,Consulta del cliente,Respuesta del agente,Estado", lambda n: [n + 1, day(n, "{d:02d}/{m:02d}/{y}"), pick(n, "¿Dónde está mi pedido {n}?", "Quiero devolver el artículo {n}").format(n=n), f"Su pedido {n} llega mañana.", pick(n, "Cerrado", "Abierto")], form="semicolon"),
    _e("fr", "intent_routing", {"text": "Demande du client", "label": "Rubrique"}, "Rubrique,Demande du client,Réponse apportée,Conseiller", lambda n: [pick(n, "Livraison", "Retour"), f"Où en est ma commande {n} ?", f"Votre colis {n} est en route, il arrive demain dans la journée.", pick(n, "Anne", "Luc")]),
    _e("pl", "intent_routing", {"text": "Treść zgłoszenia", "label": "Kategoria"}, "Nr zgłoszenia,Treść zgłoszenia,Kategoria,Odpowiedź", lambda n: [f"ZG/{n}", pick(n, "Gdzie jest moja paczka {n}?", "Chcę zwrócić produkt {n}").format(n=n), pick(n, "Dostawa", "Zwrot"), f"Paczka {n} dotrze jutro, przepraszamy za opóźnienie."]),
    _e("ru", "intent_routing", {"text": "Вопрос клиента", "label": "Категория"}, "Вопрос клиента,Ответ,Категория", lambda n: [f"Где мой заказ {n}?", f"Заказ {n} прибудет завтра, мы вам позвоним.", pick(n, "Доставка", "Возврат")]),
    _e("tr", "support_bot", {"question": "Soru", "answer": "Cevap"}, "Soru,Cevap,Tarih", lambda n: [f"Siparişim {n} nerede?", f"Siparişiniz {n} yarın geliyor.", day(n)]),
    _e("ar", "intent_routing", {"text": "السؤال", "label": "التصنيف"}, "رقم التذكرة,السؤال,الجواب,التصنيف", lambda n: [n, f"أين طلبي رقم {n}؟", f"طلبك رقم {n} يصل غداً إلى منزلك.", pick(n, "الشحن", "الدفع")]),
    _e("ja", "intent_routing", {"text": "お問い合わせ内容", "label": "分類"}, "受付番号,お問い合わせ内容,分類,回答内容,担当者", lambda n: [f"{n:05d}", f"注文{n}はいつ届きますか", pick(n, "配送", "返品"), f"注文{n}は明日お届け予定です。もう少しお待ちください。", pick(n, "田中", "鈴木")]),
    _e("ko", "support_bot", {"question": "문의내용", "answer": "답변"}, "문의내용,답변,분류", lambda n: [f"주문 {n}은 언제 도착하나요", f"주문 {n}은 내일 도착합니다", pick(n, "배송", "환불")]),
    _e("繁體", "support_bot", {"question": "問題", "answer": "回覆"}, "問題,回覆,時間", lambda n: [f"請問訂單{n}何時出貨", f"訂單{n}明天出貨", day(n)]),
    _e("tmall", "sentiment", {"text": "初评", "label": "打分"}, "商品ID,用户,初评,追评,打分,评价时间,商家回复", lambda n: [f"6{n % 5:011d}", f"t**{n % 9}", zh(n), "", n * 3 % 5 + 1, day(n), zh_replied(n)]),
    _e("tmall_replies", "support_bot", {"question": "初评", "answer": "商家回复"}, "商品ID,用户,初评,追评,打分,评价时间,商家回复", lambda n: [f"6{n % 5:011d}", f"t**{n % 9}", zh(n), "", n * 3 % 5 + 1, day(n), zh_replied(n)]),
    _e("gorgias", "intent_routing", {"text": "First customer message", "label": "Tags"}, "Ticket id,Ticket subject,Status,Tags,First customer message,First agent message", lambda n: [n + 500, f"Re: order {n}", "closed", pick(n, "shipping", "refund"), said(n), replied(n) + " " + replied(n + 1)]),
    _e("zoho", "intent_routing", {"text": ["Subject", "Description"], "label": "Classifications"}, "Ticket Id,Subject,Description,Resolution,Classifications,Priority", lambda n: [n, f"Order {n}", said(n), replied(n), pick(n, "Question", "Problem"), pick(n + 2, "High", "Low")]),
    _e("hubspot_bare", "support_bot", {"answer": ""}, "Ticket ID,Ticket name,Ticket description,Ticket status", lambda n: [n, f"Order {n}", said(n), pick(n, "New", "Closed")]),
    _e("yotpo", "sentiment", {"text": ["Review Title", "Review Content"], "label": "Review Score"}, "Review ID,Review Status,Review Score,Review Title,Review Content,Sentiment,Product ID,Product Title,User Email,Comment Content,Review Creation Date", lambda n: [n, "Published", n * 3 % 5 + 1, f"About {n}", said(n), f"0.{n % 100:02d}", 700 + n % 9, THINGS[n % 10], f"c{n % 30}@example.org", replied(n), day(n)]),
    _e("salesforce", "intent_routing", {"text": ["Subject", "Description"], "label": "Case Reason|Type"}, "Case Number,Subject,Description,Status,Priority,Case Origin,Type,Case Reason,Comments", lambda n: [f"{n + 1000:08d}", f"Order {n}", said(n), "Closed", pick(n, "High", "Low"), "Email", pick(n, "Problem", "Question"), pick(n + 1, "Delivery", "Refund"), replied(n)]),
    _e("salesforce_answers", "support_bot", {"question": ["Subject", "Description"], "answer": "Comments"}, "Case Number,Subject,Description,Status,Priority,Case Origin,Type,Case Reason,Comments", lambda n: [f"{n + 1000:08d}", f"Order {n}", said(n), "Closed", pick(n, "High", "Low"), "Email", pick(n, "Problem", "Question"), pick(n + 1, "Delivery", "Refund"), replied(n)]),
    _e("问卷星", "sentiment", {"text": "2、您对我们有什么建议？", "label": "1、您对我们的服务满意吗？"}, "序号,提交答卷时间,所用时间,来源,来源详情,来自IP,1、您对我们的服务满意吗？,2、您对我们有什么建议？,总分", lambda n: [n + 1, day(n), f"{n % 90 + 20}秒", "微信", "N/A", f"117.136.{n % 200}.{n}(浙江-杭州)", pick(n, "非常满意", "满意", "不满意"), zh(n) if n % 4 else "(空)", n % 5]),
    _e("淘宝评价", "sentiment", {"text": ["评价内容", "追加评价"], "label": "评价类型"}, "订单编号,买家昵称,评价类型,评价内容,追加评价,卖家回复,宝贝标题,评价时间", lambda n: [f"30{n:016d}", f"t**{n % 9}", pick(n, "好评", "中评", "差评"), zh(n), "" if n % 3 else zh(n + 1), zh_replied(n), pick(n, "茶壶", "茶杯"), day(n)]),
    _e("京东评价", "sentiment", {"text": "评价内容", "label": "评价星级"}, "商品编号,商品名称,用户昵称,评价星级,评价内容,晒单图片,商家回复,评价时间,会员等级", lambda n: [100000 + n % 9, pick(n, "茶壶", "茶杯"), f"j***{n % 9}", pick(n, "5星", "1星", "3星"), zh(n), "", zh_replied(n), day(n), pick(n, "PLUS会员", "金牌会员")]),
    _e("有赞", "recommendation", {"person": "买家昵称", "item": "商品编码", "when": "订单创建时间", "kind": "订单状态", "basket": "订单号", "title": "商品名称"}, "订单号,订单状态,买家昵称,收货人/提货人,商品名称,商品规格,商品编码,商品单价,商品数量,订单创建时间,买家付款时间,订单实付金额", lambda n: [f"E2024{n // 2:014d}", pick(n, "交易完成", "已关闭", "已发货"), f"买家{n // 2 % 30}", pick(n, "陈静", "王伟"), ("茶壶", "茶杯", "茶盘", "竹勺")[n % 4], pick(n, "红色", "大号"), f"P{n * 7 % 12:03d}", "59.00", 1, day(n), day(n), "59.00"]),
    # Tools for annotation
    _e("label_studio", "intent_routing", {"text": "data.text", "label": "topic"}, "id,annotations,file_upload,drafts,predictions,data,created_at", lambda n: [n, [{"id": n, "completed_by": 1, "was_cancelled": True, "result": []}, {"id": n + 900, "result": [{"value": {"choices": [pick(n, "Refund", "Delivery")]}, "from_name": "topic", "to_name": "text", "type": "choices"}], "was_cancelled": False}], "a.csv", [], [], {"text": said(n)}, day(n)], form="jsonl"),
    _e("prodigy_choice", "intent_routing", {"text": "text", "label": "label"}, "text,options,accept,answer,_input_hash,_task_hash,_view_id", lambda n: [said(n), [{"id": "REFUND", "text": "Refund"}, {"id": "DELIVERY", "text": "Delivery"}], [pick(n, "REFUND", "DELIVERY")], "accept", n - 9, n, "choice"], form="jsonl"),
    # A column that comes again and again is no label for that
    _e("shift", "intent_routing", {"text": "Message", "label": ""}, "Message,Received week,Handled by shift", lambda n: [said(n), f"W{n % 12}", pick(n, "early", "late")]),
    _e("open_closed", "sentiment", {"text": "text", "label": ""}, "text,status", lambda n: [said(n), pick(n, "open", "closed")]),
    _e("store", "sentiment", {"text": "comment", "label": ""}, "comment,store", lambda n: [said(n), pick(n, "Berlin", "Bonn")]),
    _e("topic", "sentiment", {"text": "comment", "label": ""}, "comment,topic", lambda n: [said(n), pick(n, "Price", "Staff")]),
    _e("nps", "sentiment", {"text": "verbatim", "label": "nps_score"}, "date,nps_score,verbatim", lambda n: [day(n), n * 7 % 11, said(n)]),
    _e("双语", "support_bot", {"question": "问题", "answer": "答案"}, "问题,问题(英文),答案,答案(英文)", lambda n: [f"订单{n}什么时候发货？", said(n), f"订单{n}今天发货。", replied(n)]),
    # Shops
    _e("magento", "recommendation", {"person": "customer_email", "item": "sku", "when": "created_at", "kind": "status", "basket": "increment_id", "quantity": "qty_ordered"}, "increment_id,created_at,status,customer_email,customer_id,sku,qty_ordered", lambda n: [100000000 + n // 2, day(n), pick(n, "complete", "canceled"), f"c{n % 30}@example.org", n % 30 if n % 5 else "", f"SKU-{n * 7 % 12:03d}", "1.0000"]),
    _e("shopify_cancelled", "recommendation", {"person": "Email", "item": "Lineitem sku", "basket": "Name", "cancelled": "Cancelled at"}, "Name,Email,Financial Status,Created at,Lineitem quantity,Lineitem name,Lineitem sku,Cancelled at", lambda n: [f"#{1000 + n // 2}", f"c{n // 2 % 30}@example.org", "paid", day(n // 2), 1, THINGS[n * 7 % 10], f"S{n * 7 % 12:02d}", day(n // 2 + 1) if n % 12 == 0 else ""]),
    _e("注文", "recommendation", {"person": "会員ID", "item": "商品コード", "when": "注文日", "kind": "ステータス", "basket": "注文番号", "quantity": "数量", "title": "商品名"}, "注文番号,会員ID,商品コード,商品名,注文日,数量,ステータス", lambda n: [n // 2, f"M{n // 2 % 25:04d}", f"P{n * 7 % 12:03d}", pick(n, "急須", "湯呑み"), day(n, "{y}/{m:02d}/{d:02d}"), 1, pick(n, "発送済み", "キャンセル")]),
    # Forms
    _e("google_form", "sentiment", {"text": "What could we do better?", "label": "How satisfied are you with our service?"}, "Timestamp,Email Address,How satisfied are you with our service?,What could we do better?", lambda n: [day(n, "{m}/{d}/{y} {h}:{min:02d}:{s:02d}"), f"c{n}@example.org", n * 3 % 5 + 1, said(n)]),
    _e("google_form_words", "sentiment", {"text": "Was können wir besser machen?", "label": "Wie zufrieden sind Sie?"}, "Zeitstempel,Wie zufrieden sind Sie?,Was können wir besser machen?", lambda n: [day(n, "{d:02d}.{m:02d}.{y} {h:02d}:{min:02d}:{s:02d}"), pick(n, "Sehr zufrieden", "Zufrieden", "Unzufrieden"), said(n)]),
    _e("form_asks", "sentiment", {"text": "Any other comments?", "label": "On a scale from 0 to 10, how likely are you to recommend us?"}, '#,Any other comments?,"On a scale from 0 to 10, how likely are you to recommend us?",Which branch did you visit?,Submitted At', lambda n: [f"{n:032x}", f"Where is my order {n}?", n * 7 % 11, pick(n, "North", "South"), day(n)]),
    _e("form_matrix", "sentiment", {"text": "Any other comments?", "label": ""}, "Timestamp,How satisfied are you with: [Delivery],How satisfied are you with: [Price],Any other comments?", lambda n: [day(n, "{y}/{m:02d}/{d:02d} 9:{min:02d}:{s:02d} PM GMT+1"), pick(n, "Satisfied", "Neutral"), pick(n + 1, "Satisfied", "Neutral"), f"Where is my order {n}?"]),
    # Collections
    _e("sentiment140", "sentiment", {"text": "column 6", "label": "column 1"}, "a,b,c,d,e,f", lambda n: [pick(n, "0", "4"), 1467810369 + n * 31, f"Mon Apr {n % 28 + 1:02d} 22:19:45 PDT 2009", "NO_QUERY", f"user{n}", said(n)], bare=True),
    _e("sms_spam", "intent_routing", {"text": "v2", "label": "v1"}, "v1,v2,,,", lambda n: [pick(n, "ham", "spam", "ham"), said(n), "", "", ""]),
    _e("sms_spam_bare", "intent_routing", {"text": "column 2", "label": "column 1"}, "a,b", lambda n: [pick(n, "ham", "spam", "ham"), said(n)], form="tsv", bare=True),
    _e("banking77", "intent_routing", {"text": "text", "label": "category"}, "text,category", lambda n: [said(n), pick(n, "card_arrival", "top_up_failed", "exchange_rate")]),
    _e("imdb", "sentiment", {"text": "review", "label": "sentiment"}, "review,sentiment", lambda n: [f"{said(n)}<br /><br />{replied(n)}", pick(n, "positive", "negative")]),
    _e("airline", "sentiment", {"text": "text", "label": "airline_sentiment"}, "tweet_id,airline_sentiment,airline_sentiment_confidence,negativereason,negativereason_confidence,airline,airline_sentiment_gold,name,negativereason_gold,retweet_count,text,tweet_coord,tweet_created,tweet_location,user_timezone", lambda n: [570306133677760513 + n, pick(n, "neutral", "negative", "positive"), "1.0" if n % 3 else "0.6837", pick(n, "", "Late Flight", "Bad Flight"), "", pick(n + 1, "United", "Delta"), "", f"user{n}", "", 0, f"@airline {said(n)}", "", f"2015-02-24 11:{n % 60:02d}:52 -0800", pick(n, "Lets Play", "New York", ""), "Eastern Time (US & Canada)"]),
    _e("ag_news", "intent_routing", {"text": ["Title", "Description"], "label": "Class Index"}, "Class Index,Title,Description", lambda n: [n * 3 % 4 + 1, f"Kettles number {n} sold", said(n)]),
    _e("emotion", "sentiment", {"text": "text", "label": "label"}, "text,label", lambda n: [said(n), n * 5 % 6], form="jsonl"),
    _e("phrasebank", "sentiment", {"text": "column 2", "label": "column 1"}, "a,b", lambda n: [pick(n, "neutral", "positive", "negative"), said(n)], bare=True),
    _e("weibo", "sentiment", {"text": "review", "label": "label"}, "label,review", lambda n: [n * 3 % 2, zh(n)]),
    _e("bitext", "support_bot", {"question": "instruction", "answer": "response"}, "flags,instruction,category,intent,response", lambda n: [pick(n, "B", "BQZ", "BLQ"), said(n), pick(n, "ORDER", "REFUND"), pick(n, "cancel_order", "track_order", "get_refund"), replied(n)]),
    _e("bitext_intents", "intent_routing", {"text": "instruction", "label": "intent|category"}, "flags,instruction,category,intent,response", lambda n: [pick(n, "B", "BQZ", "BLQ"), said(n), pick(n, "ORDER", "REFUND"), pick(n, "cancel_order", "track_order", "get_refund"), replied(n)]),
    _e("dolly", "support_bot", {"question": ["instruction", "context"], "answer": "response"}, "instruction,context,response,category", lambda n: [said(n), replied(n + 1) if n % 3 == 0 else "", replied(n), pick(n, "closed_qa", "classification")], form="jsonl"),
    _e("stack", "support_bot", {"question": ["Title", "Body"], "answer": "Answer"}, "Id,Title,Body,Tags,Score,CreationDate,Answer", lambda n: [n * 10 + 80, f"How do I mend kettle {n}?", f"<p>{said(n)}</p>", "<kettle><tea>", n % 9, f"{day(n)[:10]}T10:{n % 60:02d}:00.000", f"<p>{replied(n)}</p>"]),
    # What has the digits of a clock is a code where its name says so, and what no name says is nobody's
    _e("fashion", "recommendation", {"person": "customer_id", "item": "article_id", "when": "t_dat"}, "t_dat,customer_id,article_id,price,sales_channel_id", lambda n: [f"2020-09-{n % 28 + 1:02d}", f"{n % 30 * 7919:064x}", f"0{663713001 + n * 7 % 25}", f"0.0{50 + n % 40}", n % 2 + 1]),
    _e("ean", "recommendation", {"person": "Kundennr", "item": "EAN", "when": "Kaufdatum"}, "Kundennr,EAN,Kaufdatum", lambda n: [10000 + n % 25, 4006381333910 + n * 7 % 25, f"{n % 28 + 1:02d}.03.2026"], form="semicolon"),
    _e("phones", "recommendation", {"person": "customer_phone", "item": "barcode", "when": "created_at", "basket": "order_id"}, "customer_phone,barcode,order_id,created_at", lambda n: [1701234500 + n % 25, 1700000000 + n * 7 % 25, 1600000000 + n // 2, day(n)]),
    _e("movielens_1m", "recommendation", {"person": "column 1", "item": "column 2", "weight": "column 3", "when": "column 4"}, "a,b,c,d", lambda n: [n % 30 + 1, n * 7 % 25 + 1, n * 3 % 5 + 1, 978300760 + n * 3571], bare=True, rows=200),
    _e("clicks", "recommendation", {"person": "session_id", "item": "item_id", "when": "timestamp", "kind": "event_type"}, "session_id,timestamp,event_type,item_id,category_id", lambda n: [f"s{n // 6}", 1772000000000 + n * 30000, pick(n, "view", "cart", "purchase"), n * 7 % 25 + 500, n % 4], rows=150),
    _e("branches", "recommendation", {"person": "", "item": "sku", "when": "datum"}, "filiale,artikelgruppe,sku,datum,menge", lambda n: [f"F{n % 6 + 10}", f"G{n % 7 + 1}", f"S{n * 7 % 25}", day(n), n % 4 + 1], form="semicolon"),
    _e("宝贝", "recommendation", {"person": "买家会员名", "item": "宝贝ID", "when": "订单付款时间", "title": "宝贝标题"}, "订单编号,买家会员名,宝贝标题,宝贝ID,订单付款时间", lambda n: [2026030000000000 + n, f"tb{n % 25}", THINGS[n * 3 % 10], 100 + n * 3 % 10, day(n)]),
    _e("form_matrix_colon", "sentiment", {"text": "Any other comments?", "label": ""}, "Timestamp,How satisfied are you with: Delivery,How satisfied are you with: Price,Any other comments?", lambda n: [day(n), pick(n, "Satisfied", "Dissatisfied"), pick(n + 3, "Satisfied", "Neutral"), said(n)]),
    _e("topics", "intent_routing", {"text": "Messages", "label": "Topics"}, "Messages,Topics", lambda n: [said(n), pick(n, "Shipping", "Returns; Refund", "Warranty")]),
    _e("wide", "intent_routing", {"text": "Kundenanfrage", "label": "Kategorie"}, ",".join(["Kundenanfrage", *(f"f{n}" for n in range(80)), "Kategorie"]), lambda n: [said(n), *(n * at % 7 for at in range(80)), pick(n, "Versand", "Retoure")]),
]  # fmt: skip
