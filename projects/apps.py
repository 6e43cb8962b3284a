"""Projects: teams, data and use cases."""

from __future__ import annotations

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"

    def ready(self) -> None:
        # These need the models; the queue knows tasks by their names alone.
        from projects import families, tasks, usecases  # noqa: F401

        for case in usecases.all_use_cases():
            families.of(case.family)
