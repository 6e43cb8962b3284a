"""Parquet files, read in small batches."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext_lazy as _

from projects.formats import Format, Reading, Refusal, Row
from projects.formats._records import flatten
from projects.source import Source

MAGIC = b"PAR1"
BATCH = 500
GROUP = 1_000_000_000  # a row group is decoded a column at a time; larger ones do not fit the reader's memory


def sniff(head: bytes, name: str) -> float:
    return 1.0 if head.startswith(MAGIC) else 0.0


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
        if meta.num_rows > source.limits.rows:
            raise Refusal("too_many_rows", limit=source.limits.rows)
        for group in range(meta.num_row_groups):
            if meta.row_group(group).total_byte_size > min(GROUP, source.limits.unpacked):
                raise Refusal("unpacks_too_big", limit=GROUP)
        reading.rows = meta.num_rows


def _class_names(file: Any) -> dict[str, Sequence[object]]:
    """Column → the names of its classes, as collections of data keep them beside numbers."""
    said = (file.schema_arrow.metadata or {}).get(b"huggingface", b"")
    try:
        features = json.loads(said)["info"]["features"] if len(said) <= 1_000_000 else {}
        return {
            column: about["names"]
            for column, about in features.items()
            if isinstance(about, dict) and about.get("_type") == "ClassLabel" and isinstance(about.get("names"), list)
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _called(value: object, names: Sequence[object]) -> object:
    """The name of a class by its number; below zero nobody said which it is."""
    if not isinstance(value, int) or isinstance(value, bool) or value >= len(names):
        return value
    return str(names[value]) if value >= 0 else None


def rows(source: Source, reading: Reading) -> Iterator[Row]:
    with _opened(source) as file:
        classes = _class_names(file)
        total = file.metadata.num_rows or 1
        number = 0
        for batch in file.iter_batches(batch_size=BATCH, use_threads=False):
            for record in batch.to_pylist():
                number += 1
                for column, names in classes.items():
                    if column in record:
                        record[column] = _called(record[column], names)
                yield Row(number, dict(flatten(record)))
            source.share = number / total


FORMAT = Format("parquet", _("Parquet"), ("parquet",), sniff, inspect, rows, keyed=True, magic=(MAGIC,))
