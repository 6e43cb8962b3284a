"""Code that calls an assistant and runs as it stands, and the widget's tag."""

from __future__ import annotations

from django.utils.translation import gettext as _

from endpoints import families
from endpoints.models import Endpoint


def tag(endpoint: Endpoint, site: str) -> str:
    return f'<script src="{site}/widget.js" data-endpoint="{endpoint.slug}" async></script>'


def samples(endpoint: Endpoint, site: str, secret: str) -> list[dict[str, str]]:
    """One sample a language, of the endpoint's family. Without a secret the place where it belongs is marked."""
    question = str(endpoint.starters[0]) if endpoint.starters else _("Hello. What can you help me with?")
    key = secret or "YOUR_KEY"
    written = families.of_project(endpoint.project).samples
    return [{"title": title, "text": write(endpoint.slug, site, key, question)} for title, write in written.items()]
