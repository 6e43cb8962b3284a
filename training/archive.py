"""A model folder as a zip that is made while it is sent: nothing on disk, little in memory."""

from __future__ import annotations

import asyncio
import io
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


def pieces(folder: Path, name: str) -> Iterator[bytes]:
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:  # weights do not get smaller
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            about = zipfile.ZipInfo.from_file(file, f"{name}/{file.relative_to(folder)}")
            with file.open("rb") as source, archive.open(about, "w", force_zip64=True) as target:
                while block := source.read(CHUNK):
                    target.write(block)
                    yield pipe.take()
    yield pipe.take()


async def stream(folder: Path, name: str) -> AsyncIterator[bytes]:
    """The same without holding up the other visitors of the web process."""
    made = pieces(folder, name)
    while (piece := await asyncio.to_thread(next, made, None)) is not None:
        yield piece
