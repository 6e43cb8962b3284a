"""Words with their places: whole ones, in every script, and without a dictionary where none is needed."""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import pairwise

import pytest

from training.ml import segments

SENTENCES = {
    "太失望了，不推荐购买": {"太", "失望", "了", "不", "推荐", "购买"},
    "快递太慢，客服态度差！": {"快递", "太慢", "客服", "态度", "差", "！"},
    "这家店的茶壶质量非常好，很满意": {"这家", "店", "的", "茶壶", "质量", "非常", "好", "很", "满意"},
    "物流信息三天没有更新": {"物流", "信息", "三天", "没有", "更新"},
    "iPhone15的手机壳不合适，申请退款": {"iPhone15", "的", "手机", "壳", "不", "合适", "申请", "退款"},
    "味道不错, can't complain!": {"味道", "不错", "can't", "complain", "!"},
    "배송이 너무 늦어요": {"배송이", "너무", "늦어요"},
}


@pytest.mark.parametrize("text", SENTENCES)
def test_every_piece_is_a_whole_word(text):
    assert {text[start:end] for start, end in segments.spans(text)} == SENTENCES[text]


def test_it_cuts_japanese_into_pairs():
    text = "とても美味しい"
    assert [text[start:end] for start, end in segments.spans(text)] == ["とて", "も", "美味", "しい"]


def test_places_go_up_and_never_overlap():
    for text in [*SENTENCES, "，，", "", "我" * 5000, "a我b们" * 500]:
        places = segments.spans(text)
        assert all(a[1] <= b[0] and a[0] < a[1] for a, b in pairwise(places))


def test_a_text_of_one_sign_takes_a_time_that_grows_with_it():
    segments.spans("我")
    started = time.process_time()
    assert segments.spans("我" * 20_000)[-1][1] == 20_000
    assert time.process_time() - started < 4


def test_it_loads_a_dictionary_for_chinese_alone():
    code = "import sys; from training.ml import segments; segments.spans('A plain text, とても'); print('jieba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_it_leaves_nothing_in_the_folder_for_temporary_files(tmp_path):
    code = "from training.ml import segments; print(len(segments.spans('太失望了')))"
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"TMPDIR": str(tmp_path), "PATH": "/usr/bin"},
    )
    assert done.stdout.strip() == "3"
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []
