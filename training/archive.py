"""A model folder as a zip that is made while it is sent: nothing on disk, little in memory."""

from __future__ import annotations

import asyncio
import io
import os
import stat
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

CHUNK = 1 << 20


class _Pipe(io.RawIOBase):
    """What the zip writes is taken out again at once. It cannot seek, so sizes follow each file."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken, self.parts = b"".join(self.parts), []
        return taken


def strangers(folder: Path) -> list[Path]:
    """What is no file and no folder of its own: links, which could lead anywhere on the machine, pipes, devices."""
    own = (stat.S_ISREG, stat.S_ISDIR)
    return [path for path in _everything(folder) if not any(kind(path.lstat().st_mode) for kind in own)]


def pieces(folder: Path, name: str) -> Iterator[bytes]:
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:  # weights do not get smaller
        for file in _everything(folder):
            if not stat.S_ISREG(file.lstat().st_mode):
                continue
            about = zipfile.ZipInfo.from_file(file, f"{name}/{file.relative_to(folder)}")
            # A link that was put there since the look above is refused by the system.
            opened = os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
            with opened as source, archive.open(about, "w", force_zip64=True) as target:
                while block := source.read(CHUNK):
                    target.write(block)
                    yield pipe.take()
    yield pipe.take()


def _everything(folder: Path) -> list[Path]:
    """All that lies below the folder. A link to another folder is named, and not gone into."""
    walked = os.walk(folder, followlinks=False)
    return sorted(Path(here) / name for here, folders, files in walked for name in (*folders, *files))


async def stream(folder: Path, name: str) -> AsyncIterator[bytes]:
    """The same without holding up the other visitors of the web process."""
    made = pieces(folder, name)
    while (piece := await asyncio.to_thread(next, made, None)) is not None:
        yield piece
