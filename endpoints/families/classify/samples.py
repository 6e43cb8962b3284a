"""Code that asks a classifier for labels and runs as it stands: curl, Python, JavaScript."""

from __future__ import annotations

import json
import shlex


def curl(slug: str, site: str, key: str, text: str) -> str:
    body = json.dumps({"model": slug, "input": [text], "explain": True}, ensure_ascii=False)
    return (
        f"curl {site}/v1/classify \\\n"
        f'  -H "Authorization: Bearer {key}" \\\n'
        f'  -H "Content-Type: application/json" \\\n'
        f"  -d {shlex.quote(body)}"
    )


def python(slug: str, site: str, key: str, text: str) -> str:
    return f"""# Needs nothing besides Python. Up to 1,000 texts a request.
import json
import urllib.request

texts = [{json.dumps(text, ensure_ascii=False)}]
request = urllib.request.Request(
    {json.dumps(site + "/v1/classify")},
    data=json.dumps({{"model": {json.dumps(slug)}, "input": texts}}).encode(),
    headers={{"Authorization": "Bearer " + {json.dumps(key)}, "Content-Type": "application/json"}},
)
with urllib.request.urlopen(request) as response:
    answer = json.load(response)
for text, found in zip(texts, answer["data"]):
    print(found["label"], found["score"], found["level"], text)"""


def javascript(slug: str, site: str, key: str, text: str) -> str:
    return f"""// label.mjs: node label.mjs
const texts = [{json.dumps(text, ensure_ascii=False)}];
const response = await fetch({json.dumps(site + "/v1/classify")}, {{
  method: "POST",
  headers: {{ "Authorization": "Bearer " + {json.dumps(key)}, "Content-Type": "application/json" }},
  body: JSON.stringify({{ model: {json.dumps(slug)}, input: texts }}),
}});
const answer = await response.json();
answer.data.forEach((found, place) => console.log(found.label, found.score, found.level, texts[place]));"""
