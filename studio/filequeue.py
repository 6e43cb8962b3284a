"""The queue of files, as kombu has it, made whole: a message is there at once or not at all, is read by one worker, and one
that is damaged ends no worker."""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from queue import Empty
from time import monotonic, sleep

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)


class Channel(filesystem.Channel):  # type: ignore[misc]
    def _put(self, queue: str, payload: object, **_kwargs: object) -> None:
        """Written under another name first: a worker that looks in between would find half of it, or nothing."""
        name = f"{round(monotonic() * 1000):013d}_{uuid.uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        part = folder / f"{name}.part"
        try:
            part.write_text(dumps(payload), encoding="utf-8")
            part.replace(folder / name)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise ChannelError(f"Cannot add a message to {folder}") from error

    def get_table(self, exchange: str) -> object:
        return _once_written(lambda: filesystem.Channel.get_table(self, exchange))

    def _queue_bind(self, *names: str) -> None:
        _once_written(lambda: filesystem.Channel._queue_bind(self, *names))

    def _get(self, queue: str) -> object:
        """The oldest message, taken by a rename, of which one succeeds; kombu takes it through the machine's /tmp."""
        folder, mine = Path(self.data_folder_in), Path(self.processed_folder)
        for name in sorted(os.listdir(folder)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            try:
                (folder / name).rename(mine / name)
            except OSError:  # another worker was quicker
                continue
            found = _read(mine / name)
            if found is not None:
                return found
        raise Empty


def _read(path: Path) -> object:
    try:
        found = loads(path.read_text(encoding="utf-8"))
        if isinstance(found, dict) and isinstance(found.get("properties"), dict) and "body" in found:
            return found
    except (OSError, ValueError, RecursionError) as error:
        logger.warning("A message in the queue of files cannot be read and is left out: %s", error)
        return None
    finally:
        path.unlink(missing_ok=True)
    logger.warning("A message in the queue of files is none of ours and is left out")
    return None


def _once_written(work: Callable[[], object]) -> object:
    """The list of queues is written in its place, so whoever reads it just then finds nothing and looks again."""
    for _go in range(40):
        try:
            return work()
        except ValueError:
            sleep(0.05)
    return work()


class Transport(filesystem.Transport):  # type: ignore[misc]
    Channel = Channel


def use() -> None:
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
