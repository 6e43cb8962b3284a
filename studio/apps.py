"""The site as a Django application."""

from __future__ import annotations

from django.apps import AppConfig

from studio import postgres


class StudioConfig(AppConfig):
    name = "studio"

    def ready(self) -> None:
        postgres.without_nul()
