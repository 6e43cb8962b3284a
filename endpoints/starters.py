"""What a visitor may begin with: questions of the team itself, or texts to try a classifier with."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from projects import usecases
from training.models import ModelVersion

MOST = 3
SAMPLES = Path(usecases.__file__).parent / "samples"


def starters(model: ModelVersion) -> list[str]:
    """The use case's own, or what its family has to offer."""
    given = [str(text) for text in model.project.case.starters]
    if given:
        return given[:MOST]
    return texts_to_try(model) if model.project.case.family == "classify" else known_questions(model)


def known_questions(model: ModelVersion) -> list[str]:
    """Short known questions of a chat model."""
    found: list[str] = []
    try:
        with (model.folder / "knowledge.jsonl").open(encoding="utf-8") as lines:
            for line in (line for _number, line in zip(range(400), lines, strict=False)):
                question = " ".join(str(json.loads(line)["question"]).split())
                if 12 <= len(question) <= 60 and question[-1] in "?？" and question not in found:
                    found.append(question)
                if len(found) == MOST:
                    break
    except (OSError, ValueError, KeyError):
        return found
    return found


def texts_to_try(model: ModelVersion) -> list[str]:
    """Short texts of the use case's sample, one of each label. Never the team's own: people wrote those to the team."""
    case, dataset = model.project.case, model.run.dataset
    language = str((dataset.reading or {}).get("language") or "en")
    if language != "en" or not case.sample.endswith(".csv"):
        return []
    found: dict[str, str] = {}
    try:
        with (SAMPLES / case.sample).open(encoding="utf-8", newline="") as file:
            for text, label, *_more in list(csv.reader(file))[1:]:
                if 16 <= len(text) <= 70 and label not in found:
                    found[label] = text
    except (OSError, ValueError):
        return []
    return list(found.values())[:MOST]
