"""Intents with their examples, as programs for assistants keep them: each example a text, its intent the label."""

from __future__ import annotations

import json
import zipfile

import pytest

from projects import reading
from tests.projects.checked import checked

INTENTS = {"greet": "Hello there", "order_status": "Where is my order", "returns": "Can I send it back"}


@pytest.fixture(autouse=True)
def in_process(monkeypatch):
    monkeypatch.setattr(reading, "read_guarded", reading.read)
    monkeypatch.setattr(reading, "detect_guarded", reading.detect)
    monkeypatch.setattr(reading, "load_guarded", reading.load_rows)


@pytest.mark.parametrize("sign", ["-", "*"])
def test_it_reads_rasa_in_markdown_without_its_marks_and_lists(sign, tmp_path):
    parts = ["<!-- made by hand -->\n"]
    for intent, text in INTENTS.items():
        parts.append(f"## intent:{intent}\n")
        parts += [f'{sign} {text} number [{n}](number) in [Berlin]{{"entity": "city"}}\n' for n in range(12)]
        parts.append("\n")
    parts.append("## synonym:Berlin\n- berlino\n\n## regex:zip\n- [0-9]{5}\n\n## lookup:city\n- Bonn\n")
    file = tmp_path / "nlu.md"
    file.write_text("".join(parts))
    found = checked("intent_routing", file)
    assert (found["labels"], found["refused"]) == (dict.fromkeys(INTENTS, 12), None)
    assert found["first"][0]["text"] == "Hello there number 0 in Berlin"


def agent(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("agent.json", json.dumps({"description": "", "language": "en", "displayName": "Shop"}))
        archive.writestr("package.json", '{"version": "1.0.0"}')
        for intent, text in INTENTS.items():
            speech = [
                {"type": "4", "payload": {}},
                {"type": "0", "lang": "en", "speech": [f"About {intent}.", "Else."]},
            ]
            about = {"id": intent, "name": intent, "responses": [{"messages": speech}], "priority": 500_000}
            archive.writestr(f"entities/{intent}.json", json.dumps({"id": intent, "name": intent}))
            archive.writestr(f"intents/{intent}.json", json.dumps(about))
            said = [
                {"id": str(n), "data": [{"text": f"{text} number ", "userDefined": False}, {"text": str(n), "userDefined": True}],
                 "isTemplate": False, "count": 0, "updated": 0}
                for n in range(12)
            ]  # fmt: skip
            archive.writestr(f"intents/{intent}_usersays_en.json", json.dumps(said))
    return path


def test_it_reads_the_intents_of_a_dialogflow_agent(tmp_path):
    found = checked("intent_routing", agent(tmp_path / "agent.zip"))
    assert (found["labels"], found["refused"]) == (dict.fromkeys(INTENTS, 12), None)
    assert {one["text"].rpartition(" number ")[0] for one in found["first"]} <= set(INTENTS.values())


def test_it_takes_what_the_agent_says_for_the_answer(tmp_path):
    found = checked("support_bot", agent(tmp_path / "agent.zip"))
    assert (found["kept"], found["refused"]) == (36, None)
    intent = next(name for name, text in INTENTS.items() if found["first"][0]["question"].startswith(text))
    assert found["first"][0]["answer"] == f"About {intent}."
