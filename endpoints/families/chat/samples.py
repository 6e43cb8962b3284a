"""Code that asks a chat and runs as it stands: curl, Python, JavaScript."""

from __future__ import annotations

import json
import shlex


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
