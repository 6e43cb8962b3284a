"""Code that asks a recommender and runs as it stands: curl, Python, JavaScript."""

from __future__ import annotations

import json
import shlex

from endpoints.models import Endpoint


def curl(slug: str, site: str, key: str, question: str) -> str:
    body = json.dumps({"model": slug, "query": question, "k": 5}, ensure_ascii=False)
    return (
        f"curl {site}/v1/recommend \\\n"
        f'  -H "Authorization: Bearer {key}" \\\n'
        f'  -H "Content-Type: application/json" \\\n'
        f"  -d {shlex.quote(body)}"
    )


def python(slug: str, site: str, key: str, question: str) -> str:
    return f"""# Needs nothing besides Python. "history" takes the ids of what somebody took, oldest first.
import json
import urllib.request

wanted = {{"model": {json.dumps(slug)}, "history": [], "query": {json.dumps(question, ensure_ascii=False)}, "k": 5}}
request = urllib.request.Request(
    {json.dumps(site + "/v1/recommend")},
    data=json.dumps(wanted).encode(),
    headers={{"Authorization": "Bearer " + {json.dumps(key)}, "Content-Type": "application/json"}},
)
with urllib.request.urlopen(request) as response:
    for found in json.load(response)["data"]:
        print(found["title"], found["price"], found["reason"])"""


def javascript(slug: str, site: str, key: str, question: str) -> str:
    return f"""// recommend.mjs: node recommend.mjs
const response = await fetch({json.dumps(site + "/v1/recommend")}, {{
  method: "POST",
  headers: {{ "Authorization": "Bearer " + {json.dumps(key)}, "Content-Type": "application/json" }},
  body: JSON.stringify({{ model: {json.dumps(slug)}, history: [], query: {json.dumps(question, ensure_ascii=False)}, k: 5 }}),
}});
const answer = await response.json();
for (const found of answer.data) console.log(found.title, found.price, found.reason);"""


def row(endpoint: Endpoint, site: str) -> str:
    """The tag of a row of recommended things."""
    return (
        f'<script src="{site}/widget.js" data-endpoint="{endpoint.slug}" data-mode="carousel" data-history="" async>'
        "</script>"
    )
