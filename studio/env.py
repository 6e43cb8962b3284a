"""Reads settings from environment variables and says loudly, with the remedy, when a value is wrong."""

from __future__ import annotations

import ipaddress
import logging
import os
import re
import secrets
import zoneinfo
from collections.abc import Collection
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

WITHOUT_HOST = {"filesystem", "memory", "unix", "redis+socket", "sqs"}
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
QUEUES = (
    "redis",
    "rediss",
    "redis+socket",
    "unix",
    "amqp",
    "amqps",
    "pyamqp",
    "filesystem",
    "memory",
    "sqs",
    "sentinel",
)
LONGEST = 300
FEWEST_SECRET = 16
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


def integer(name: str, default: int, most: int = 2**31) -> int:
    value = text(name)
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and 0 < int(value[:12]) <= most):
        raise ImproperlyConfigured(
            f"Unexpected value {name}={value}. Use a whole number from 1 to {most}, such as {default}."
        )
    return int(value)


def choice(name: str, default: str, choices: Collection[str]) -> str:
    """One of a few words."""
    value = text(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"Unexpected value {name}={value}. Use one of {', '.join(sorted(choices))}.")
    return value


def shaped(name: str, default: str, shape: re.Pattern[str], remedy: str) -> str:
    """A short text of one shape, such as a name or a token that goes into a header. REMEDY says how to write it."""
    value = text(name, default)
    if value and not (len(value) <= LONGEST and shape.fullmatch(value)):
        raise ImproperlyConfigured(f"Unexpected value {name}={value[:80]!r}. Use {remedy}.")
    return value


def token(name: str, default: str = "") -> str:
    """A secret that travels in a header. It is not shown, whatever is wrong with it."""
    value = text(name, default)
    if value and not re.fullmatch(r"[!-~]{8,500}", value):
        raise ImproperlyConfigured(
            f"{name} does not fit into a header. Use 8 to 500 letters, digits and signs without blanks."
        )
    return value


def folder(name: str, default: Path) -> Path:
    """A folder that is there, or can be made, and written to."""
    path = Path(text(name, str(default))).resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}={path} is no folder and cannot be made ({error.strerror}). Use a folder that the studio may write to."
        ) from error
    return path


def time_zone(name: str, default: str) -> str:
    value = text(name, default)
    if value not in zoneinfo.available_timezones():
        raise ImproperlyConfigured(f"Unexpected value {name}={value}. Use a name such as Europe/Vienna.")
    return value


def address(name: str, default: str, *schemes: str) -> str:
    """A URL without the slash at its end; "" where none is given and none is needed."""
    value = text(name, default).rstrip("/") if "http" in schemes else text(name, default)
    return _checked(name, value, schemes) if value else ""


def _checked(name: str, value: str, schemes: tuple[str, ...]) -> str:
    try:
        parts = urlsplit(value)
        whole = parts.scheme in schemes and (parts.hostname or parts.scheme in WITHOUT_HOST) and (parts.port or True)
    except ValueError:  # a port that is no number
        whole = False
    if not whole:
        raise ImproperlyConfigured(f"Unexpected value {name}={without_password(value)}. Use {schemes[0]}://host:port.")
    return value


def without_password(url: str) -> str:
    """As it may be shown: whatever stands before an @ is somebody's secret, and so is what follows a question mark."""
    scheme, slashes, rest = url.partition("://")
    before, at, shown = (rest if slashes else url).partition("?")[0].rpartition("@")
    return ((scheme + slashes if slashes else "") + ("…" + at if before else at) + shown)[:200]


def line_format(name: str, default: str) -> str:
    """The shape of a line of the log, tried out."""
    value = text(name, default)
    try:
        logging.Formatter(value).format(logging.makeLogRecord({}))
    except (ValueError, KeyError, TypeError) as error:
        raise ImproperlyConfigured(f"Unexpected value {name}={value}. Use a shape such as {default}.") from error
    return value


def hops(name: str) -> int:
    """How many proxies stand in front: a number, or true for one."""
    value = text(name).lower()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 3 else int(boolean(name, False))


def networks(name: str, default: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    try:
        return [ipaddress.ip_network(word, strict=False) for word in words(name, default)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}. Use networks such as 10.0.0.0/8, with commas.") from error


def hosts(name: str, site: str) -> list[str]:
    """The names that are answered: SITE's own, those of this machine, and what the variable NAME adds. "*" where nobody
    has said what the site's address is."""
    added = words(name)
    for one in added:
        if not re.fullmatch(
            r"\*|\.?[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){0,20}\.?|\[[0-9A-Fa-f:.]{2,45}\]", one[:300]
        ):
            raise ImproperlyConfigured(
                f"{name} has the entry {one[:80]!r}. Use names such as studio.example, with commas."
            )
    if not site:
        return added or ["*"]
    own = (urlsplit(site).hostname or "").lower()
    return [*dict.fromkeys([f"[{own}]" if ":" in own else own, "localhost", "127.0.0.1", "[::1]", *added])]


def origins(name: str, site: str) -> list[str]:
    """Sites whose forms are accepted, as https://name; SITE itself where none are given."""
    for one in words(name):
        _checked(name, one, ("https", "http"))
    return words(name) or [site]


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def kept_secret(name: str, file: Path) -> str:
    """A secret from the environment, or one made on the first start and kept in a file that only we can read."""
    given = text(name)
    if given and len(given) < FEWEST_SECRET:
        raise ImproperlyConfigured(
            f"{name} is too short to keep anything. Use {FEWEST_SECRET} characters or more, or leave it empty: one is made."
        )
    if given:
        return given
    try:
        if not file.exists() or not file.stat().st_size:
            _make_secret(file)
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise ImproperlyConfigured(
            f"{file} cannot be kept ({error.strerror}). Make room there, or set ATELIER_HOME to a folder that can be written."
        ) from error


def _make_secret(file: Path) -> None:
    """Whole or not at all: a full disk must leave no empty secret behind, and two who start at once take the same one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
            stream.write(secrets.token_urlsafe(48))
            stream.flush()
            os.fsync(stream.fileno())
        if file.exists() and not file.stat().st_size:  # what an earlier start left on a full disk
            file.unlink()
        try:
            os.link(part, file)
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            part.replace(file)
    finally:
        part.unlink(missing_ok=True)


SQLITE_OPTIONS: dict[str, object] = {
    # Four writers without this: half of the transactions fail with "database is locked"; with it: none.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


POSTGRES_OPTIONS = {
    # A line that is cut without a word (a cable, a firewall that forgets) holds a thread for two hours by default, and
    # all chats of a web process share one. With these it breaks after half a minute, and what waits asks again.
    "connect_timeout": "10",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}


def database(name: str, home: Path) -> dict[str, object]:
    """Django's database settings from a URL such as postgres://user:password@host:5432/name or sqlite:///path."""
    url = text(name)
    if not url:
        return _sqlite(home / "atelier.sqlite3")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is no address. Write postgres://user:password@host:5432/name.") from error
    if parts.scheme == "sqlite":
        if parts.netloc or not parts.path.strip("/"):
            raise ImproperlyConfigured(
                f"{name}={without_password(url)} names no file. Write sqlite:///folder/file, with three slashes."
            )
        return _sqlite(Path(unquote(parts.path)))
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} starts with '{parts.scheme[:40]}:'. Use postgres://… or sqlite:///….")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": _port(name, parts),
        "OPTIONS": POSTGRES_OPTIONS | dict(parse_qsl(parts.query)),
        "CONN_HEALTH_CHECKS": True,
    }


def _port(name: str, parts: SplitResult) -> str:
    try:
        return str(parts.port or "")
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} has a port that is no number. Write …@host:5432/name.") from error


def _sqlite(file: Path) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "OPTIONS": SQLITE_OPTIONS,
        # Tests run threads beside the main one, so their database has to be a file as well.
        "TEST": {"NAME": file.with_name("test.sqlite3")},
    }
