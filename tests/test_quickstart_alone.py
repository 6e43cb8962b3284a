"""`quickstart --publish` on a machine where nothing runs yet, and the studio that is started afterwards."""

from __future__ import annotations

import json
import subprocess
import sys

import openai
import pytest

from tests import tiny
from tests.live import ROOT, Studio

pytestmark = pytest.mark.slow


def test_it_publishes_what_the_studio_then_answers_with(tmp_path):
    studio = Studio(tmp_path / "home", ATELIER_MODELS=str(tiny.base_models(tmp_path / "models")))
    file = tmp_path / "faq.jsonl"
    tiny.write_part(
        file,
        [(f"{word} my {subject}?", f"Your {subject} is ready.") for word in tiny.WORDS for subject in tiny.SUBJECTS],
    )
    lines = [json.loads(line)["messages"] for line in file.read_text().splitlines()]
    pairs = [{"instruction": asked["content"], "response": said["content"]} for asked, said in lines]
    file.write_text("\n".join(json.dumps(pair) for pair in pairs))

    def manage(*words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=studio.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    manage("migrate", "--verbosity", "0")
    found = json.loads(manage("quickstart", "support_bot", str(file), "--preset", "quick", "--publish", "--json"))
    assert found["dataset"]["kept"] == len(pairs)
    assert found["run"]["status"] == "succeeded"
    assert set(found["scores"]) >= {"token_f1", "similarity", "perplexity"}
    assert set(found["scores"]["token_f1"]) == {"tuned", "base", "retrieval"}
    studio.start()
    try:
        client = openai.OpenAI(base_url=f"{studio.url}/v1", api_key=found["endpoint"]["api_key"], max_retries=0)
        question = [{"role": "user", "content": "Where is my parcel?"}]
        answer = client.chat.completions.create(model=found["endpoint"]["model"], messages=question)
        assert answer.choices[0].message.content
    finally:
        studio.stop()
