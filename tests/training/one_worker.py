"""A worker process for one run, slow enough to be killed: `python -m tests.training.one_worker RUN`."""

from __future__ import annotations

import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")


def main(pk: int) -> None:
    import django

    django.setup()
    import torch

    from training import recorder, tasks
    from training.models import TrainingRun

    torch.set_num_threads(1)

    class Slow(recorder.Recorder):
        def step(self, record):
            super().step(record)
            time.sleep(0.15)

    tasks.work(TrainingRun.objects.get(pk=pk), recorder=Slow)


if __name__ == "__main__":
    main(int(sys.argv[1]))
