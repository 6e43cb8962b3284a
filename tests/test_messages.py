"""Nothing that a person reads escapes the catalogues."""

from __future__ import annotations

import ast

import pytest

from tests import messages


def test_it_collects_what_is_said_within_an_f_string(tmp_path, monkeypatch):
    source = tmp_path / "said.py"
    source.write_text("x = f\"{a} {_('So it goes.')}\"", encoding="utf-8")
    assert [found[1] for found in messages.inside_strings(source)] == [("So it goes.",)]


@pytest.mark.slow
def test_it_collects_every_message_that_the_code_asks_for():
    """Read from the syntax tree, whatever stands around the call."""
    collected = {text for (_context, text) in messages.collected()}
    missing = []
    for path in messages.sources():
        if path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "gettext"}
            text = node.args[0].value if called and node.args and isinstance(node.args[0], ast.Constant) else None
            if isinstance(text, str) and text not in collected:
                missing.append(f"{path.name}:{node.lineno}: {text}")
    assert not missing, "\n".join(missing)
