"""Big files of our own making: questions with answers, labelled texts, a log of orders. Written row by row, any size."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from pathlib import Path

WORDS = [
    "order",
    "parcel",
    "refund",
    "invoice",
    "account",
    "password",
    "delivery",
    "address",
    "kettle",
    "lamp",
    "warranty",
    "battery",
    "return",
    "label",
    "voucher",
    "gift",
    "card",
    "payment",
    "bank",
    "store",
    "opening",
    "hours",
    "charger",
    "cable",
    "screen",
    "manual",
    "update",
    "error",
    "light",
    "water",
    "filter",
    "colour",
    "size",
    "chair",
    "table",
    "please",
    "when",
    "where",
    "how",
    "can",
    "my",
    "the",
    "a",
    "is",
    "it",
    "not",
    "does",
    "arrive",
    "change",
    "cancel",
    "track",
    "send",
    "find",
    "reset",
    "contact",
    "team",
    "today",
    "tomorrow",
]
CHINESE = [
    "我们",
    "您好",
    "请问",
    "订单",
    "快递",
    "退货",
    "退款",
    "发票",
    "账号",
    "密码",
    "收货",
    "地址",
    "水壶",
    "台灯",
    "保修",
    "电池",
    "标签",
    "优惠券",
    "礼品",
    "付款",
    "银行",
    "门店",
    "营业",
    "时间",
    "充电器",
    "数据线",
    "屏幕",
    "说明书",
    "更新",
    "错误",
    "灯光",
    "滤芯",
    "颜色",
    "尺寸",
    "椅子",
    "桌子",
    "什么时候",
    "怎么",
    "可以",
    "已经",
    "没有",
    "收到",
    "修改",
    "取消",
    "查询",
    "重置",
    "联系",
    "客服",
    "今天",
    "明天",
    "的",
    "了",
    "吗",
    "在",
    "是",
]
ACCENTS = [
    "où",
    "commande",
    "café",
    "déjà",
    "reçu",
    "numéro",
    "livraison",
    "élève",
    "größe",
    "Straße",
    "schön",
    "für",
    "über",
    "Rückgabe",
    "naïve",
    "garçon",
    "señor",
    "mañana",
    "más",
    "están",
    "próximo",
    "ação",
    "coração",
    "não",
    "você",
    "être",
    "fenêtre",
    "façade",
    "Käse",
    "Müller",
    "Zürich",
    "Łódź",
    "żółty",
    "příliš",
    "kůň",
]
LABELS = ("delivery", "payment", "returns", "account", "product", "praise")


def text(chance: random.Random, most: int) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randrange(most // 3, most)))


def chinese(chance: random.Random, most: int) -> str:
    """A text without blanks, with commas as Chinese writes them."""
    words = chance.choices(CHINESE, k=chance.randrange(most // 3, most))
    return "".join(word + ("，" if chance.random() < 0.12 else "") for word in words)


def accented(chance: random.Random, most: int) -> str:
    return " ".join(chance.choices(ACCENTS, k=chance.randrange(most // 3, most)))


def chinese_pairs(chance: random.Random) -> Iterator[list[str]]:
    """Questions and answers in Chinese; one in forty with a customer's number."""
    yield ["question", "answer"]
    number = 0
    while True:
        number += 1
        question = f"{chinese(chance, 14)}，编号{number}？"
        if chance.random() < 0.025:
            question += f"我的手机号是 138{number % 10**8:08d}"
        yield [question, f"{chinese(chance, 40)}。请看第{number % 9973}条说明。"]


def chinese_texts(chance: random.Random) -> Iterator[list[str]]:
    yield ["text", "label", "source"]
    number = 0
    while True:
        number += 1
        label = chance.choice(("物流", "付款", "退货", "账号", "商品", "好评")) if chance.random() > 0.02 else ""
        yield [f"{label}{chinese(chance, 50)}，{number}", label, "邮件"]


def accented_pairs(chance: random.Random) -> Iterator[list[str]]:
    """Questions and answers in languages with accents."""
    yield ["question", "answer"]
    number = 0
    while True:
        number += 1
        yield [f"{accented(chance, 18)} {number} ?", f"{accented(chance, 50)} – « {number % 9973} »."]


def pairs(chance: random.Random) -> Iterator[list[str]]:
    """About 345 bytes a row: one in forty with a customer's data, a few repeats, contradictions, quotes and line breaks."""
    yield ["question", "answer"]
    known: list[list[str]] = []
    number = 0
    while True:
        number += 1
        odd = chance.random()
        question = f"{text(chance, 18)} number {number}?"
        answer = f"{text(chance, 52)}, so take case {number % 9973}."
        if odd < 0.02 and known:
            question, answer = chance.choice(known)
        elif odd < 0.03 and known:
            question = chance.choice(known)[0]
        elif odd < 0.055:
            question += (
                f" Write to {chance.choice(WORDS)}{number}@mail{number % 97}.org or call +49 151 {number % 10**8:08d}"
            )
        elif odd < 0.08:
            answer += f'\nThen say "{chance.choice(WORDS)}", please.'
        elif odd < 0.1:
            answer += " Über die Straße, naïve café – voilà."
        if len(known) < 5_000:
            known.append([question, answer])
        yield [question, answer]


def texts(chance: random.Random) -> Iterator[list[str]]:
    """Texts with one of six labels; a few without one, a few twice."""
    yield ["text", "label", "source"]
    number = 0
    while True:
        number += 1
        label = chance.choice(LABELS) if chance.random() > 0.02 else ""
        yield [f"{label} {text(chance, 60)}, {number if chance.random() > 0.02 else 7}", label, "mail"]


def orders(chance: random.Random) -> Iterator[list[str]]:
    """Who bought what when, with a title and an amount: 40,000 people and 8,000 things for each million lines."""
    yield ["order_id", "customer", "product", "title", "time", "quantity", "price"]
    at, number = 1_600_000_000, 0
    while True:
        number += 1
        at += chance.randrange(1, 60)
        product = int(chance.paretovariate(0.6)) % 8_000
        when = f"2024-{1 + number // 90_000 % 12:02d}-{1 + at // 86_400 % 28:02d} {at // 3600 % 24:02d}:{at // 60 % 60:02d}:{at % 60:02d}"
        back = "-" if chance.random() < 0.01 else ""
        yield [
            f"O{number // 3}", f"C{chance.randrange(40_000)}", f"SKU{product:05d}", f"{WORDS[product % len(WORDS)]} {product}",
            when, f"{back}{1 + product % 3}", f"{5 + product % 90}.{product % 100:02d}",
        ]  # fmt: skip


def write(path: Path, megabytes: float, kind: Callable[[random.Random], Iterator[list[str]]] = pairs) -> int:
    """A CSV file of that size; how many rows stand below its header."""
    count = -1
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for row in kind(random.Random(8)):
            writer.writerow(row)
            count += 1
            if count % 1_000 == 0 and file.tell() >= megabytes * 1e6:
                return count
    return count
