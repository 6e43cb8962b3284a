"""Endpoints: published assistants, conversations and keys."""

from __future__ import annotations

from django.apps import AppConfig


class EndpointsConfig(AppConfig):
    name = "endpoints"

    def ready(self) -> None:
        from endpoints import families  # its folders need the models

        families.every()
