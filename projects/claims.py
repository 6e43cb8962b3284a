"""How a worker keeps what it has taken: its name, its signs of life, its patience with the database; and how the others
notice that it is gone, and why."""

from __future__ import annotations

import logging
import os
import re
import secrets
import shutil
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self, TypeVar

from celery.signals import task_failure
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.errors import UserError, database_away, reference
from projects.models.claimed import STALE, Claimed

logger = logging.getLogger(__name__)
EVERY = 3.0
TICK = 1.0
"""Seconds until news are told, when there are any."""
PATIENCE = 900.0
"""Seconds that a worker waits for a database that is locked, restarted or backed up."""
Found = TypeVar("Found")
Row = TypeVar("Row", bound=Claimed)


class GivenUp(UserError):
    """Not the person's fault, so it has a reference."""

    def __init__(self, what: str, safe: str, todo: str, ref: str) -> None:
        super().__init__(what, safe, todo)
        self.ref = ref

    def as_dict(self) -> dict[str, str]:
        return {**super().as_dict(), "ref": self.ref}


class Lost(Exception):
    """Somebody else has the row now, or a person stopped the work."""


# Who it is -------------------------------------------------------------------------------------------------


def machine() -> str:
    """This machine, or this container: processes with the same name here can see one another."""
    try:
        space = os.readlink("/proc/self/ns/pid").strip("pid:[]")
    except OSError:
        space = ""
    return f"{socket.gethostname()[:30]}.{space}"


def me() -> str:
    """A name for one go at one task. It tells where the process is, so that its death can be noticed at once."""
    return f"{machine()}/{os.getpid()}/{secrets.token_hex(4)}"


def gone(worker: str) -> bool:
    """True when the worker was a process of this machine and is no more. Of other machines we cannot tell."""
    where, _slash, rest = worker.rpartition("/")[0].rpartition("/")
    if where != machine() or not rest.isdecimal():
        return False
    if Path("/proc/self").exists():
        return not Path(f"/proc/{rest}").exists()
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


# Its patience ----------------------------------------------------------------------------------------------


def patiently(work: Callable[[], Found], patience: float = PATIENCE) -> Found:
    """WORK, done again while the database is away. It must be whole in itself, such as one UPDATE or one transaction."""
    if connection.in_atomic_block:  # what surrounds it is done again, or not at all
        return work()
    began, pause, told = time.monotonic(), 0.2, False
    while True:
        try:
            return work()
        except (OperationalError, InterfaceError) as error:
            if not database_away(error) or time.monotonic() - began > patience:
                raise
            if not told:
                logger.warning("The database is locked or away; waiting for it. Nothing is lost: %s", error)
                told = True
        time.sleep(pause)
        pause = min(pause * 2, 5.0)
        close_old_connections()


GOES = 20
"""How often a long piece of work goes on after the database was away."""


def going_on(work: Callable[[], Found]) -> Found:
    """Long WORK that finds what it has finished: after the database was away it goes on from there, and is not lost.

    A connection that broke while nobody asked shows it at the next question, hours after the database is back."""
    for go in range(1, GOES + 1):
        try:
            return work()
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block or not database_away(error) or go == GOES:
                raise
            logger.warning("The database went away during the work, which goes on once it is back: %s", error)
            close_old_connections()
            patiently(_database_answers)
    raise AssertionError("the last go returns or raises")


def _database_answers() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def clear(folder: Path, *left: str) -> None:
    """Removes what workers that were killed had half written, by the patterns of its names. Only who has the row calls."""
    for pattern in left:
        for path in folder.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


# Its signs of life -----------------------------------------------------------------------------------------


class Heart:
    """Beats in a thread of the process that has the row, whatever that process is at. News go with the next beat."""

    def __init__(self, row: Claimed, worker: str) -> None:
        self.row, self.worker = row, worker
        self._news: dict[str, object] = {}
        self._lock = threading.Lock()
        self._lost = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True, name=f"heart of {row!r}")

    def __enter__(self) -> Self:
        # Inside a transaction nobody else sees the claim yet, the thread with its own connection neither: it would take
        # the row for lost. Then news are written by whoever has them.
        if not connection.in_atomic_block:
            self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()

    def note(self, **fields: object) -> None:
        """News for the page, told soon. Raises Lost when this worker should not go on."""
        if self._thread.ident is None:
            self.beat(**fields)
            return
        self.check()
        with self._lock:
            self._news |= fields

    def beat(self, **fields: object) -> None:
        """News that must be written before the work goes on, however long the database is away."""
        self.check()
        with self._lock:
            fields = self._news | fields
            self._news = {}
        if not patiently(lambda: self.row.beat(self.worker, **fields)):
            self._lost.set()
        self.check()

    def check(self) -> None:
        if self._lost.is_set():
            raise Lost

    @property
    def lost(self) -> bool:
        return self._lost.is_set()

    def _live(self) -> None:
        last = time.monotonic()
        while not self._over.wait(TICK):
            if not self._news and time.monotonic() - last < EVERY:
                continue
            with self._lock:
                news, self._news = self._news, {}
            try:
                calm()
                if not self.row.beat(self.worker, **news):
                    self._lost.set()
                last = time.monotonic()
            except Exception as error:  # the next beat tries again
                with self._lock:
                    self._news = news | self._news
                logger.warning("A sign of life of %r was not written: %s", self.row, error)
        connection.close()


def calm() -> None:
    """For a thread beside the work: a fresh connection that gives up soon, because it is tried again anyway."""
    close_old_connections()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 2000")


# How the others notice -------------------------------------------------------------------------------------


class Clock:
    """Sees that the machine's clock was set or the machine slept. Living workers then get time for a new sign of life."""

    def __init__(self) -> None:
        self.offset = time.time() - time.monotonic()
        self.distrusted_until = 0.0

    def trusted(self) -> bool:
        offset = time.time() - time.monotonic()
        if abs(offset - self.offset) > EVERY:
            logger.warning("The clock moved by %.0f s; workers get %s to show themselves.", offset - self.offset, STALE)
            self.distrusted_until = time.monotonic() + STALE.total_seconds()
        self.offset = offset
        return time.monotonic() >= self.distrusted_until


CLOCK = Clock()


def left(rows: QuerySet[Row]) -> list[Row]:
    """Of ROWS that somebody should work on: those whose worker is gone or silent."""
    trusted = CLOCK.trusted()
    silent = set(rows.filter(rows.model.silent()).values_list("pk", flat=True)) if trusted else set()
    return [row for row in rows if row.pk in silent or (row.worker and gone(row.worker))]


_starved = -1


def why_left(row: Claimed) -> str:
    """What became of the worker: memory, killed, or silent. The sweep of a machine calls it as long as it runs."""
    if not row.worker or not gone(row.worker):
        return "silent"
    return "memory" if starved() else "killed"


def starved() -> bool:
    """Whether the kernel ended a process of this machine for want of memory since this was asked last."""
    global _starved
    before, _starved = _starved, _killed_for_memory()
    return 0 <= before < _starved


def _killed_for_memory() -> int:
    total = 0
    for file in (Path("/sys/fs/cgroup/memory.events"), Path("/proc/vmstat")):
        try:
            lines = file.read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
    return total


_served: dict[str, type[Claimed]] = {}


def serves(task: str, model: type[Claimed]) -> None:
    """The first argument of the task of that name is the key of a row of MODEL."""
    _served[task] = model


@task_failure.connect  # type: ignore[untyped-decorator]
def _died(sender: object = None, args: Iterable[object] = (), exception: object = None, **_more: object) -> None:
    """The parent of a worker process hears how its child ended, which nobody else does."""
    model = _served.get(getattr(sender, "name", ""))
    signal = re.search(r"signal (\d+)", str(exception))
    if model is None or signal is None or type(exception).__name__ != "WorkerLostError":
        return
    why = {"9": "memory" if starved() else "killed", "15": "killed", "24": "time"}.get(signal[1], "crashed")
    logger.error("A worker process died by signal %s (%s) at %s %s", signal[1], why, model.__name__, list(args)[:1])
    row = model._base_manager.filter(pk=next(iter(args), None)).first()
    if row is not None and row.worker and gone(row.worker):
        # Only why is noted here; the sweep frees the row and tells a worker.
        model._base_manager.filter(pk=row.pk, worker=row.worker).update(
            lost=[*row.lost, {"why": why, "worker": row.worker}]
        )


def freed_because(row: Claimed) -> str:
    """Why the row's worker is gone, as its parent process said, else as it looks from here."""
    said = [one["why"] for one in row.lost if one.get("worker") == row.worker]
    return said[-1] if said else why_left(row)


def given_up(row: Claimed, times: int, safe: str) -> GivenUp:
    """The end of a row that was lost too often. What it was stands here, and in the log under a reference."""
    ref = reference()
    whys = Counter(one.get("why", "silent") for one in row.lost)
    why = whys.most_common(1)[0][0] if whys else ""
    logger.error("%r was given up after %s goes, reference %s: %s", row, times, ref, row.lost)
    what = {
        "memory": ngettext(
            "The machine ran out of memory while it worked on this, %(n)d time.",
            "The machine ran out of memory while it worked on this, %(n)d times.",
            times,
        ),
        "killed": ngettext(
            "The process that worked on this was ended from outside, %(n)d time.",
            "The process that worked on this was ended from outside, %(n)d times.",
            times,
        ),
        "time": ngettext(
            "This took more computing time than the machine allows, %(n)d time.",
            "This took more computing time than the machine allows, %(n)d times.",
            times,
        ),
        "crashed": ngettext(
            "Atelier's own process crashed while it worked on this, %(n)d time.",
            "Atelier's own process crashed while it worked on this, %(n)d times.",
            times,
        ),
        "silent": ngettext(
            "The worker that had this was lost %(n)d time: its machine was switched off, asleep or out of reach.",
            "The worker that had this was lost %(n)d times: its machine was switched off, asleep or out of reach.",
            times,
        ),
    }.get(why) or ngettext("This was broken off %(n)d time.", "This was broken off %(n)d times.", times)
    todo = {
        "memory": _("Close other programs or bring a smaller file, then try again. The reference is %(ref)s."),
        "silent": _("Try again once all machines of the studio run. The reference is %(ref)s."),
    }.get(why) or _("Try again. If it stops again, tell whoever runs the studio the reference %(ref)s.")
    return GivenUp(what % {"n": times}, safe, todo % {"ref": ref}, ref)
