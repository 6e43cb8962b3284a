"""Parquet files, read in small batches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext_lazy as _

from projects.formats import Format, Reading, Refusal, Row
from projects.formats._records import flatten, see_chat
from projects.source import Source

BATCH = 500
GROUP = 1_000_000_000  # a row group is decoded a column at a time; larger ones do not fit the reader's memory


def sniff(head: bytes, name: str) -> float:
    return 1.0 if head.startswith(b"PAR1") else 0.0


@contextmanager
def _opened(source: Source) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    with source.local() as path:
        try:
            yield pq.ParquetFile(path, memory_map=False, pre_buffer=False)
        except pa.ArrowMemoryError as error:
            raise MemoryError from error
        except (pa.ArrowException, OSError, ValueError) as error:
            raise Refusal("cut_off") from error


def inspect(source: Source, reading: Reading) -> None:
    reading.encoding = reading.delimiter = ""
    with _opened(source) as file:
        meta = file.metadata
        for group in range(meta.num_row_groups):
            if meta.row_group(group).total_byte_size > min(GROUP, source.limits.unpacked):
                raise Refusal("unpacks_too_big", limit=GROUP)
        reading.rows = meta.num_rows
        for batch in file.iter_batches(batch_size=20, use_threads=False):
            see_chat(batch.to_pylist(), reading)
            break


def rows(source: Source, reading: Reading) -> Iterator[Row]:
    with _opened(source) as file:
        total = file.metadata.num_rows or 1
        number = 0
        for batch in file.iter_batches(batch_size=BATCH, use_threads=False):
            for record in batch.to_pylist():
                number += 1
                yield Row(number, dict(flatten(record, reading.chat_key)))
            source.share = number / total


FORMAT = Format("parquet", _("Parquet"), ("parquet",), sniff, inspect, rows, keyed=True)
