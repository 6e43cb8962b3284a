"""A recommender's own files in the model folder: arrays without pickles, the catalogue as lines of JSON. No torch here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from safetensors.numpy import load_file, save_file

from training.ml.recommend.building import Described, features_of, project
from training.ml.recommend.linear import Dense, Table
from training.ml.recommend.log import ITEMS
from training.ml.recommend.picks import Item
from training.ml.recommend.scoring import WEEKS, Tables, through_head
from training.ml.terms import Terms

TABLES = ("ease", "itemknn", "transitions", "words")
VECTORS, HEADS, PIECES, PROJECTION = "vectors.npz", "heads.safetensors", "pieces.npz", "projection.npy"


def short(vectors: Dense) -> Dense:
    """As the vectors come back from the file, so that what is chosen is what is served."""
    return vectors.astype(np.float16).astype(np.float32)


def write_items(folder: Path, items: Sequence[Item]) -> None:
    with (folder / ITEMS).open("w", encoding="utf-8") as file:
        for item in items:
            file.write(json.dumps(item.to_json(), ensure_ascii=False) + "\n")


def read_items(folder: Path) -> list[Item]:
    with (folder / ITEMS).open(encoding="utf-8") as lines:  # not splitlines: titles hold its rarer line ends
        return [Item.from_json(json.loads(line)) for line in lines]


def write_tables(folder: Path, tables: Tables, described: Described) -> None:
    """Everything but what follows from the rest."""
    sentence = described.sentence
    np.save(folder / PROJECTION, described.projection.astype(np.float16))
    for name in TABLES:
        sp.save_npz(folder / f"{name}.npz", getattr(tables, name))
    arrays: dict[str, Any] = {name: getattr(tables, name) for name in ("popularity", "ridge", "anchors", "spread")}
    arrays |= {f"recent_{weeks:g}": tables.recents[weeks] for weeks in WEEKS}
    arrays |= {"text": tables.text.astype(np.float16), "sentence": sentence.astype(np.float16)}
    np.savez(folder / VECTORS, **arrays)
    save_file(tables.heads, folder / HEADS)


def read_tables(folder: Path) -> tuple[Tables, Dense, Dense]:
    """The tables, the items' vectors where sentences live, and the projection of words."""
    projection = np.load(folder / PROJECTION, allow_pickle=False).astype(np.float32)
    found: dict[str, Any] = {name: sp.load_npz(folder / f"{name}.npz") for name in TABLES}
    with np.load(folder / VECTORS, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    heads = load_file(folder / HEADS)
    sentence = arrays["sentence"].astype(np.float32)
    lora = through_head(heads, "item", sentence)
    tables = Tables(
        items=len(sentence),
        popularity=arrays["popularity"],
        recents={weeks: arrays[f"recent_{weeks:g}"] for weeks in WEEKS},
        text=arrays["text"].astype(np.float32),
        lora=lora,
        heads=heads,
        ridge=arrays["ridge"],
        described=features_of(sentence, found["words"], projection),
        anchors=arrays["anchors"],
        spread=arrays["spread"],
        cold=arrays["popularity"] == 0,
        **found,
    )
    return tables, sentence, projection


def described(words: Table, text: Dense, sentence: Dense, heads: dict[str, Dense]) -> Described:
    """What is known from texts, with the item head applied."""
    return Described(words, text, through_head(heads, "item", sentence), sentence, heads, project(words))


def write_terms(folder: Path, words: Terms, pieces: Terms, rows: Table) -> None:
    words.write(folder)
    pieces.write(folder)
    sp.save_npz(folder / PIECES, rows)


def read_terms(folder: Path) -> tuple[Terms, Terms, Table]:
    return Terms.read(folder, "words"), Terms.read(folder, "pieces"), sp.load_npz(folder / PIECES)
