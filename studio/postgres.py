"""What PostgreSQL cannot keep is taken out on its way there: a NUL character in a text is nobody's word, and no page may fail of it."""

from __future__ import annotations

import re

from django.conf import settings

NUL_IN_JSON = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def without_nul() -> None:
    """Every text and every JSON value that is sent to a PostgreSQL; to be called before the first connection."""
    if "postgresql" not in str(settings.DATABASES["default"]["ENGINE"]):
        return  # SQLite keeps them; and a tenth of the start of every command went by here
    try:
        from psycopg import adapt, adapters
        from psycopg.types import json
    except ImportError:  # a studio on SQLite, which keeps them
        return

    class Text(adapt.Dumper):
        def dump(self, obj: str) -> bytes:
            return obj.replace("\0", "").encode()

    class Json(json.JsonbDumper):
        def dump(self, obj: object) -> bytes:
            written = super().dump(obj)
            return NUL_IN_JSON.sub(rb"\1", bytes(written)) if written is not None else b"null"

    adapters.register_dumper(str, Text)
    adapters.register_dumper(json.Jsonb, Json)
