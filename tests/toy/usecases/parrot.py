"""A bird that repeats."""

from __future__ import annotations

from projects.usecases import Role, UseCase

USE_CASE = UseCase(
    slug="parrot",
    title="Parrot",
    sentence="Says it again.",
    needs="Questions and answers.",
    outcome="A bird.",
    family="echo",
    base_models=("nothing",),
    embedder={"": "nothing"},
    roles=(Role("question", "Question", "What is asked."), Role("answer", "Answer", "What is said.")),
    system_prompt="",
    greeting="Hello",
    starters=(),
    sample="",
    about_sample="",
    order=900,
)
