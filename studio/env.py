"""Reads settings from environment variables and says loudly, with the remedy, when a value is wrong."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    """The variable NAME, or the content of the file that NAME_FILE points to (for mounted secrets)."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE={path} cannot be read ({error.strerror}). Check the path."
            ) from error
    return os.environ.get(name, "").strip() or default


def boolean(name: str, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE | FALSE:
        return value in TRUE
    raise ImproperlyConfigured(f"Unexpected value {name}={value}. Use 'true' or 'false'.")


def integer(name: str, default: int) -> int:
    value = text(name)
    if not value:
        return default
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"Unexpected value {name}={value}. Use a whole number, such as {default}."
        ) from error


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def kept_secret(name: str, file: Path) -> str:
    """A secret from the environment, or one made on the first start and kept in a file that only we can read."""
    given = text(name)
    if given:
        return given
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return file.read_text(encoding="utf-8")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(secrets.token_urlsafe(48))
    return file.read_text(encoding="utf-8")


def noted(file: Path, default: str) -> str:
    """What a running studio wrote down for commands in other terminals, or the default."""
    try:
        return file.read_text(encoding="ascii").strip() or default
    except OSError:
        return default


SQLITE_OPTIONS: dict[str, Any] = {
    # Four writers without this: half of the transactions fail with "database is locked"; with it: none.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


def database(name: str, home: Path) -> dict[str, Any]:
    """Django's database settings from a URL such as postgres://user:password@host:5432/name or sqlite:///path."""
    url = text(name)
    if not url:
        return _sqlite(home / "atelier.sqlite3")
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        if parts.netloc or not parts.path.strip("/"):
            raise ImproperlyConfigured(f"{name}={url} names no file. Write sqlite:///folder/file, with three slashes.")
        return _sqlite(Path(unquote(parts.path)))
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} starts with '{parts.scheme}:'. Use postgres://… or sqlite:///….")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_HEALTH_CHECKS": True,
    }


def _sqlite(file: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "OPTIONS": SQLITE_OPTIONS,
        # Tests run threads beside the main one, so their database has to be a file as well.
        "TEST": {"NAME": file.with_name("test.sqlite3")},
    }
