"""A file as a reader sees it: plain, inside gzip, or a member of a ZIP; always a stream, always under limits."""

from __future__ import annotations

import gzip
import io
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from projects.formats import Limits, Refusal

HEAD = 262_144
BROKEN = (OSError, EOFError, UnicodeDecodeError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)


class Source:
    """Opens the content, wherever it is packed, and knows how far a reader has come."""

    def __init__(self, path: Path, name: str, limits: Limits | None = None, packed: str = "", member: str = "") -> None:
        self.path, self.name, self.packed, self.member = path, name, packed, member
        self.limits = limits or Limits()
        self.size = path.stat().st_size
        self._raw: IO[bytes] | None = None
        self._share: float | None = None
        self._head: bytes | None = None

    def inside(self, packed: str, member: str, name: str) -> Source:
        """The same file, one wrapping less."""
        return Source(self.path, name, self.limits, packed, member)

    @property
    def head(self) -> bytes:
        if self._head is None:
            with self.open() as stream:
                self._head = stream.read(HEAD)
        return self._head

    def beside(self, name: str, most: int) -> bytes:
        """Another file of the same archive by its name or path, where it is there and no larger than MOST bytes."""
        if self.packed != "zip":
            return b""
        try:
            with zipfile.ZipFile(self.path) as archive:
                infos = archive.infolist()
                found = next((one for one in infos if name in (one.filename, one.filename.rpartition("/")[2])), None)
                if found is None or found.file_size > most:
                    return b""
                with archive.open(found) as stream:
                    return stream.read(most)
        except BROKEN:
            return b""

    @property
    def share(self) -> float:
        """How much of the file has been read, 0 to 1."""
        if self._share is not None:
            return min(1.0, self._share)
        if self._raw is None or self._raw.closed or not self.size:
            return 0.0
        return min(1.0, self._raw.tell() / self.size)

    @share.setter
    def share(self, value: float) -> None:
        self._share = value

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The content as a binary stream. Damage in the packing becomes a Refusal."""
        with self.path.open("rb") as raw:
            self._raw = raw
            try:
                if self.packed == "gzip":
                    yield _Counted(gzip.GzipFile(fileobj=raw), self.size, self.limits)
                elif self.packed == "zip":
                    with zipfile.ZipFile(raw) as archive:
                        info = archive.getinfo(self.member)
                        yield _Counted(archive.open(info), info.compress_size, self.limits)
                else:
                    yield raw
            except BROKEN as error:
                if not self.packed:
                    raise
                raise Refusal("broken_archive") from error

    @contextmanager
    def local(self) -> Iterator[Path]:
        """The content as a file that can be read at any place, for formats that need it."""
        if not self.packed:
            yield self.path
            return
        with tempfile.NamedTemporaryFile(prefix="atelier-") as copy:
            with self.open() as stream:
                while data := stream.read(1 << 20):
                    if copy.tell() > self.limits.local:
                        raise Refusal("unpacks_too_big", limit=self.limits.local)
                    copy.write(data)
            copy.flush()
            yield Path(copy.name)

    def samples(self) -> list[bytes]:
        """The head and, where the file is plain, pieces from its middle and end."""
        pieces = [self.head]
        if self.packed or self.size <= HEAD:
            return pieces
        with self.path.open("rb") as raw:
            for part in range(1, 9):
                raw.seek(max(HEAD, self.size * part // 8 - 65_536))
                pieces.append(raw.read(65_536))
        return pieces


class _Counted(io.RawIOBase, IO[bytes]):  # type: ignore[misc]
    """Counts what comes out of a packed stream and stops a bomb."""

    def __init__(self, stream: IO[bytes] | gzip.GzipFile, packed_size: int, limits: Limits) -> None:
        self.stream, self.packed_size, self.limits, self.count = stream, max(1, packed_size), limits, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = self.stream.read(len(buffer))
        buffer[: len(data)] = data
        self._count(len(data))
        return len(data)

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            parts = []
            while part := self.read(1 << 20):
                parts.append(part)
            return b"".join(parts)
        data = self.stream.read(size)
        self._count(len(data))
        return data

    def _count(self, more: int) -> None:
        self.count += more
        limits = self.limits
        if self.count > limits.unpacked:
            raise Refusal("unpacks_too_big", limit=limits.unpacked)
        if self.count > limits.ratio_from and self.count > self.packed_size * limits.ratio:
            raise Refusal("bomb", ratio=self.count // self.packed_size)

    def close(self) -> None:
        self.stream.close()
        super().close()
