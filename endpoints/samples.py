"""Code that calls an assistant and runs as it stands: curl, Python, JavaScript, and the widget's tag."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable

from django.utils.translation import gettext as _

from endpoints import samples_classify, samples_recommend
from endpoints.models import Endpoint


def tag(endpoint: Endpoint, site: str) -> str:
    return f'<script src="{site}/widget.js" data-endpoint="{endpoint.slug}" async></script>'


def carousel_tag(endpoint: Endpoint, site: str) -> str:
    return f'<script src="{site}/widget.js" data-endpoint="{endpoint.slug}" data-mode="carousel" data-history="" async></script>'


def samples(endpoint: Endpoint, site: str, secret: str) -> list[dict[str, str]]:
    """One sample a language, of the endpoint's family. Without a secret the place where it belongs is marked."""
    question = str(endpoint.starters[0]) if endpoint.starters else _("Hello. What can you help me with?")
    key = secret or "YOUR_KEY"
    written = SAMPLES.get(endpoint.project.case.family, SAMPLES["chat"])
    return [{"title": title, "text": write(endpoint.slug, site, key, question)} for title, write in written.items()]


def curl(slug: str, site: str, key: str, question: str) -> str:
    body = json.dumps({"model": slug, "messages": [{"role": "user", "content": question}]}, ensure_ascii=False)
    return (
        f"curl {site}/v1/chat/completions \\\n"
        f'  -H "Authorization: Bearer {key}" \\\n'
        f'  -H "Content-Type: application/json" \\\n'
        f"  -d {shlex.quote(body)}"
    )


def python(slug: str, site: str, key: str, question: str) -> str:
    return f"""# pip install openai
from openai import OpenAI

client = OpenAI(base_url={json.dumps(site + "/v1")}, api_key={json.dumps(key)})
stream = client.chat.completions.create(
    model={json.dumps(slug)},
    messages=[{{"role": "user", "content": {json.dumps(question, ensure_ascii=False)}}}],
    stream=True,
)
for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)
print()"""


def javascript(slug: str, site: str, key: str, question: str) -> str:
    return f"""// ask.mjs: node ask.mjs
const response = await fetch({json.dumps(site + "/v1/chat/completions")}, {{
  method: "POST",
  headers: {{ "Authorization": "Bearer " + {json.dumps(key)}, "Content-Type": "application/json" }},
  body: JSON.stringify({{
    model: {json.dumps(slug)},
    messages: [{{ role: "user", content: {json.dumps(question, ensure_ascii=False)} }}],
  }}),
}});
const answer = await response.json();
console.log(answer.choices[0].message.content);"""


Write = Callable[[str, str, str, str], str]
SAMPLES: dict[str, dict[str, Write]] = {
    "chat": {"curl": curl, "Python": python, "JavaScript": javascript},
    "classify": {
        "curl": samples_classify.curl, "Python": samples_classify.python, "JavaScript": samples_classify.javascript,
    },
    "recommend": {
        "curl": samples_recommend.curl, "Python": samples_recommend.python, "JavaScript": samples_recommend.javascript,
    },
}  # fmt: skip
"""Family → language → how its sample is written."""
