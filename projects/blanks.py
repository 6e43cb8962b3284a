"""Cells that hold nothing, or a word that people write for nothing."""

from __future__ import annotations

MISSING = {
    "na", "n/a", "#n/a", "none", "null", "nil", "nan", ".", "-", "--", "—", "?", "#div/0!", "#value!", "#ref!",
    "#name?", "#num!", "#null!", "无", "空", "暂无", "<na>",
    "(空)", "（空）", "(跳过)", "（跳过）", "未填写", "未作答", "(blank)", "(empty)",
}  # fmt: skip


def missing(text: str | None) -> bool:
    """Empty, or a word that people write for nothing."""
    return not text or not (bare := text.strip()) or (len(bare) <= 8 and bare.casefold() in MISSING)
