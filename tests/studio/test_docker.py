"""The files for Docker, read without Docker: they parse, name each other, and describe every setting."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker" / "compose.yml").read_text())
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text()


def test_it_builds_only_targets_that_exist():
    targets = set(re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.M))
    assert {"web", "worker-cpu", "worker-gpu", "engine"} <= targets
    for service in COMPOSE["services"].values():
        if "build" in service:
            assert service["build"]["target"] in targets


def test_it_waits_only_for_services_that_exist():
    for service in COMPOSE["services"].values():
        assert set(service.get("depends_on", {})) <= set(COMPOSE["services"])


def test_it_documents_every_setting():
    settings = (ROOT / "studio" / "settings.py").read_text()
    names = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', settings))
    example = (ROOT / "docker" / ".env.example").read_text()
    documented = set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.M))
    assert len(names) > 20
    assert not names - documented, f"docker/.env.example says nothing about {names - documented}"


def test_it_keeps_torch_out_of_the_web_image():
    pattern = re.search(r"grep -vE '([^']+)'", DOCKERFILE).group(1)
    kept = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if not re.search(pattern, line)]
    assert not [line for line in kept if line.startswith(("torch", "transformers", "peft"))]
    assert [line for line in kept if line.lower().startswith("django==")]


def test_it_compiles_the_modules_in_every_image_that_runs_them():
    stages = re.findall(r"^FROM (.*?)(?=^FROM |\Z)", DOCKERFILE, re.M | re.S)
    running = [stage for stage in stages if "\nCOPY . .\n" in stage]
    assert len(running) == 4
    assert all("python -m compileall" in stage.partition("\nUSER ")[0] for stage in running)
