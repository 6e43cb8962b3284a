"""Tokens into text: whole characters, stop texts over the edges of pieces."""

from __future__ import annotations

import pytest

from endpoints.engine.text import Writer


def decode(ids):
    """Every token is a byte."""
    return bytes(ids).decode(errors="replace")


def written(text, stop=()):
    writer = Writer(decode, stop)
    pieces = []
    for byte in text.encode():
        pieces.append(writer.add(byte))
        if writer.stopped:
            return pieces, writer
    pieces.append(writer.end())
    return pieces, writer


@pytest.mark.parametrize("text", ["plain words", "你好，世界", "👩‍👩‍👧 family", "naïve café", "a\nb  c", ""])
def test_it_gives_whole_characters_only(text):
    pieces, _ = written(text)
    assert "".join(pieces) == text
    assert not any("\ufffd" in piece for piece in pieces)


def test_it_drops_half_a_character_at_the_end():
    writer = Writer(decode)
    said = "".join(writer.add(byte) for byte in "ok 世".encode()[:-1]) + writer.end()
    assert said == "ok "


def test_it_does_not_wait_for_ever_for_bytes_that_make_no_character():
    writer = Writer(decode)
    said = "".join(writer.add(byte) for byte in [0xFF] * 20 + list(b" and on")) + writer.end()
    assert said.endswith(" and on")


@pytest.mark.parametrize("stop", [("END",), ("xyz", "END"), ("ENDE", "END")])
def test_it_stops_before_a_stop_text_that_comes_in_pieces(stop):
    pieces, writer = written("the EN is not the END of it", stop)
    assert "".join(pieces) == "the EN is not the "
    assert writer.stopped


def test_it_says_what_only_looked_like_a_stop_text():
    pieces, writer = written("nearly EN", ("END",))
    assert "".join(pieces) == "nearly EN"
    assert not writer.stopped


def test_it_stops_at_a_stop_text_of_several_bytes_a_character():
    pieces, _ = written("你好。再见", ("。",))
    assert "".join(pieces) == "你好"
