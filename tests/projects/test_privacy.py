"""Personal data is found, and order numbers, prices, dates and hotlines are left alone."""

from __future__ import annotations

import csv
import json

import pytest

from projects import privacy
from tests.data import shared_data


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Write to a.b@c.co.uk or me@中国.公司.", "Write to [e-mail] or [e-mail]."),
        ("call +49 176 12345678 or 0176/12345678", "call [phone] or [phone]"),
        ("(555) 123-4567", "[phone]"),
        ("我的手机13812345678，谢谢", "我的手机[phone]，谢谢"),
        ("138 1234 5678", "[phone]"),
        ("座机010-12345678", "座机[phone]"),
        ("my phone is 5551234567", "my phone is [phone]"),
        ("+33 1 23 45 67 89", "[phone]"),
        ("card 4111 1111 1111 1111 please", "card [card number] please"),
        ("378282246310005", "[card number]"),
        ("DE89 3704 0044 0532 0130 00", "[bank account]"),
        ("身份证11010519491231002X", "身份证[id number]"),
        ("SSN 123-45-6789", "SSN [id number]"),
    ],
)
def test_it_masks(text, masked):
    assert privacy.mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "cancel order 00123842",
        "order 12345678901",
        "cancelling order732201349959",
        "on 2024-01-02 10:20, 12.05.2024 to 13.05.2024",
        "price 1,234,567.89 or 1.234.567,89",
        "ISBN 978-3-16-148410-0",
        "card 4111 1111 1111 1112",
        "part 362.75275692, latch 99003347, 2255709 229346",
        "192.168.100.200",
        "our line 1-800-555-0199 or 400-820-8820",
        "git@github.com:me/it",
        "@VirginAmerica #1234567890",
        "DE89 3704 0044 0532 0130 01",
        "",
    ],
)
def test_it_leaves_alone(text):
    assert privacy.find(text) == []


def test_it_keeps_what_is_public():
    assert privacy.mask("help@shop.example.io", {"help@shop.example.io"}) == "help@shop.example.io"
    assert privacy.mask("+49 176 12345678", {"4917612345678"}) == "+49 176 12345678"


def test_it_finds_nothing_in_support_questions():
    with shared_data("support_bitext/support_fixed_replies.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["instruction"] for row in csv.DictReader(file)]
    assert sum(bool(privacy.find(text)) for text in texts) == 0


def test_it_finds_few_things_in_customer_talk():
    with shared_data("support_amazon_appliances/amazon_appliances_qa.jsonl").open(encoding="utf-8") as file:
        texts = [
            text for line in file for record in [json.loads(line)] for text in (record["question"], record["answer"])
        ]
    kinds = [one.kind for text in texts for one in privacy.find(text)]
    assert len(kinds) < 0.005 * len(texts)
    assert set(kinds) <= {"phone", "email"}
