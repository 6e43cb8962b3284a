"""Training: runs, models and their reports."""

from __future__ import annotations

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"

    def ready(self) -> None:
        # These need the models.
        from projects.signals import dataset_ready, overtaking
        from training import families, following, live
        from training.ml import families as learners

        dataset_ready.connect(following.on_ready, dispatch_uid="training.following")
        overtaking.connect(live.on_asked, dispatch_uid="training.live")
        families.every()
        learners.every()
