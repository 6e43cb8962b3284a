"""Settings from the environment, both ways: what is read is explained, what is explained is read, nonsense is refused."""

from __future__ import annotations

import ast
import os
import re
import runpy
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests import house

EXAMPLE = (house.ROOT / "docker" / ".env.example").read_text(encoding="utf-8")
COMPOSE = (house.ROOT / "docker" / "compose.yml").read_text(encoding="utf-8")
PACKAGES = ("studio", "projects", "training", "endpoints")
# What other programs mean by them is explained by those.
OTHERS = {"CUDA_VISIBLE_DEVICES", "DJANGO_SETTINGS_MODULE", "OMP_WAIT_POLICY"}
READERS = {
    "get",
    "getenv",
    "text",
    "boolean",
    "integer",
    "hops",
    "networks",
    "hosts",
    "words",
    "kept_secret",
    "database",
}
READERS |= {"choice", "time_zone", "address", "line_format", "origins", "setting", "number"}
READERS |= {"shaped", "token", "folder"}
NAME = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|DEBUG")


def read_by_the_code() -> set[str]:
    names: set[str] = set()
    for package in PACKAGES:
        for file in (house.ROOT / package).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            if any(sign in text for sign in ("environ", "env.", '"ENGINE_')):
                names |= names_in(ast.parse(text))
    return {name.removesuffix("_FILE") for name in names} - OTHERS


def names_in(tree: ast.AST) -> set[str]:
    """First words of calls that read, keys of os.environ, and names of ours that stand anywhere as a word of their own."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            of = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else "env"
            if called in READERS and of in {"env", "os.environ", "os"} and node.args:
                found |= words_of(node.args[0])
        elif (
            isinstance(node, ast.Subscript)
            and ast.unparse(node.value) == "os.environ"
            and isinstance(node.ctx, ast.Load)
        ):
            found |= words_of(node.slice)
        elif isinstance(node, ast.Constant) and str(node.value).startswith(("ENGINE_", "ATELIER_")):
            found |= words_of(node)
    return found


def words_of(node: ast.AST) -> set[str]:
    value = getattr(node, "value", None)
    return {value} if isinstance(value, str) and NAME.fullmatch(value) else set()


def explained() -> set[str]:
    return set(re.findall(r"^(?:# ?)?([A-Z][A-Z0-9_]+)=", EXAMPLE, re.M))


def test_it_finds_what_is_read():
    assert {
        "SITE_URL",
        "DEBUG",
        "ENGINE_SLOTS",
        "ATELIER_BASE_MODELS",
        "ATELIER_DEVICE",
        "METRICS_TOKEN",
    } <= read_by_the_code()


def test_every_variable_that_is_read_is_explained():
    assert read_by_the_code() - explained() == set()


def test_every_variable_that_is_explained_is_read():
    by_compose = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE))
    assert explained() - read_by_the_code() - by_compose == set()


WRONG = {
    "SITE_URL": "shop.example",
    "CSRF_TRUSTED_ORIGINS": "shop.example",
    "BEHIND_PROXY": "perhaps",
    "TRUSTED_PROXIES": "10.0.0.0/99",
    "DEBUG": "maybe",
    "DATABASE_URL": "postgres://a@b:port/c",
    "REDIS_URL": "localhost:6379",
    "CELERY_BROKER_URL": "http://queue",
    "ENGINE_URL": "localhost:8100",
    "EMBEDDINGS_URL": "http://host:port",
    "EMAIL_PORT": "99999",
    "EMAIL_USE_TLS": "starttls",
    "ATELIER_LANGUAGE": "klingon",
    "TIME_ZONE": "Vienna",
    "UPLOAD_LIMIT_MB": "-5",
    "LOG_LEVEL": "LOUD",
    "LOG_FORMAT": "%(nothing",
    "METRICS_TOKEN_FILE": "/nowhere/at/all",
    "METRICS_TOKEN": "a b",
    "ENGINE_TOKEN": "line\nbreak and more",
    "SECRET_KEY": "short",
    "STUDIO_ID": "../../etc",
    "ALLOWED_HOSTS": "https://shop.example",
    "EMAIL_HOST": "smtp://mail.example",
    "EMAIL_FROM": "nobody",
    "ATELIER_HOME": "/dev/null/home",
    "ATELIER_DATA": "/dev/null/data",
    "ATELIER_MODELS": "/etc/hostname",
    "ATELIER_DEVICE": "gpu",
    "ATELIER_BASE_MODELS": "ours=/nowhere/at/all",
    "ENGINE_HOSTS": "http://engine.example",
    "ENGINE_SLOTS": "0",
    "ENGINE_QUEUE": "many",
    "ENGINE_PER_CLIENT": "-1",
    "ENGINE_CONTEXT": "4k",
    "ENGINE_MOST_ADAPTERS": "1.5",
    "ENGINE_MOST_MODELS": "\u0663",
}
# Whatever stands there may be right.
FREE = {"EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD"}


def test_every_setting_has_a_wrong_value():
    of_compose = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE)) - read_by_the_code()
    assert explained() - of_compose - FREE == {name.removesuffix("_FILE") for name in WRONG}


@pytest.mark.parametrize(
    "value",
    [
        "noequals",
        "=folder",
        "Big=owner/name",
        "image:a=owner/name",
        "a=",
        "a=owner/name/more",
        "a=/etc",
        "a=../x",
        "a=https://hub/x",
        "a\x00=b",
        "a=b; rm -rf",
    ],
)
def test_it_says_which_base_model_cannot_be(value):
    from training import basemodels

    with pytest.raises(ImproperlyConfigured, match=r"ATELIER_BASE_MODELS.*(Write|Check) ") as refused:
        basemodels.from_setting(f"good=owner/name, {value}")
    assert len(str(refused.value)) < 400


SECRETS = {
    "REDIS_URL": "htp://:S3cret/word@queue:6379/0",
    "CELERY_BROKER_URL": "ampq://studio:S3cret@word@queue:5672//",
    "DATABASE_URL": "sqlite://studio:S3cretword@host",
    "ENGINE_URL": "https://studio:S3cretword@engine:port",
    "SITE_URL": "studio:S3cretword@shop.example",
    "ENGINE_TOKEN": "S3cret word",
    "METRICS_TOKEN": "S3cret word",
    "SECRET_KEY": "S3cret",
}


@pytest.mark.parametrize("name", SECRETS)
def test_it_prints_no_secret_that_is_wrong(name, monkeypatch):
    """What is said at the start stands in logs and on other people's screens."""
    monkeypatch.setenv(name, SECRETS[name])
    with pytest.raises(ImproperlyConfigured, match=name) as refused:
        runpy.run_path(str(house.ROOT / "studio" / "settings.py"))
    assert "S3cret" not in str(refused.value)


def test_an_address_that_is_none_is_said_so(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://[::1/studio")
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        runpy.run_path(str(house.ROOT / "studio" / "settings.py"))


def test_the_engine_says_that_the_card_it_should_use_is_not_there():
    environment = {**os.environ, "ATELIER_DEVICE": "cuda", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-m", "endpoints.engine", "--port", "0"]
    done = subprocess.run(
        command, cwd=house.ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr.strip() == "ATELIER_DEVICE=cuda, but there is no such card here. Use cpu, or leave it empty."


@pytest.mark.parametrize("name", WRONG)
def test_it_refuses_nonsense_by_name(name, monkeypatch):
    monkeypatch.setenv(name, WRONG[name])
    with pytest.raises(ImproperlyConfigured, match=re.escape(name.removesuffix("_FILE"))) as refused:
        runpy.run_path(str(house.ROOT / "studio" / "settings.py"))
    assert len(str(refused.value)) < 300
    assert re.search(r"Use |Write |Check ", str(refused.value)), refused.value


def test_a_command_says_it_in_one_line(tmp_path):
    environment = {**os.environ, "ATELIER_HOME": str(tmp_path), "UPLOAD_LIMIT_MB": "much"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=house.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.strip().startswith("Unexpected value UPLOAD_LIMIT_MB=much. Use a whole number")
    assert "Traceback" not in done.stderr
