"""A model folder and its encoder into memory, and more items by their text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from training.ml import artifact
from training.ml.errors import BrokenModel, WrongBase
from training.ml.recommend import store
from training.ml.recommend.blend import Blend
from training.ml.recommend.building import Choices, features_of
from training.ml.recommend.details import Details
from training.ml.recommend.encoder import Encoder
from training.ml.recommend.linear import Dense, Table
from training.ml.recommend.near import Near
from training.ml.recommend.picks import Item
from training.ml.recommend.scoring import Batch, Member, Tables, Yardstick, of_history, through_head
from training.ml.recommend.sentences import Finder, Library
from training.ml.recommend.shelf import Shelf
from training.ml.stored import Stored


@dataclass(frozen=True)
class Scored:
    """Scores of the whole catalogue for one history."""

    values: Dense
    own: Dense
    """The same before items that nobody took are told by their text."""
    blend: Blend
    """What reasons are taken from."""
    sticks: list[Yardstick]


ALL_TIME = 1e-6
"""What all time counts beside the last weeks: enough to tell apart what these do not."""
OFTEN = 2 / 3
"""Of what anybody chose, the share that is chosen less than what "many take"."""


@dataclass
class LoadedRecommender:
    """A model in memory, ready to answer."""

    manifest: artifact.Manifest
    folder: Path
    items: list[Item]
    places: dict[str, int]
    """Position of each item by its id."""
    tables: Tables
    library: Library
    encoder: Encoder
    blend: Blend
    projection: Dense
    """Terms × directions, for the texts of new items."""
    new_share: float
    """How much the nearness of text to the history counts for items that nobody took."""
    finder: Finder
    choices: Choices
    shelf: Shelf

    latest: tuple[tuple[int, ...], str, Scored] | None = None
    """The history scored last: its scores are wanted again for the reasons."""

    @cached_property
    def popular(self) -> NDArray[np.float64]:
        """[items]: the logarithm of how many chose each in the weeks that validation likes; where that is the same, the
        order of all time."""
        ever = np.asarray(self.tables.popularity, dtype=np.float64)
        lately = np.asarray(self.tables.recents.get(self.choices.weeks, ever), dtype=np.float64)
        return np.log1p(lately) + ALL_TIME * ever / max(float(ever.max(initial=0.0)), 1.0)

    @cached_property
    def often(self) -> NDArray[np.bool_]:
        """[items]: whether many chose it, as things are chosen here."""
        chosen = self.popular[self.popular > 0]
        return self.popular >= (np.quantile(chosen, OFTEN) if len(chosen) else np.inf)

    def scored(self, history: Sequence[int], answers_with: str = "tuned") -> Scored:
        """One history's scores, with the yardsticks of the members of the method that answers."""
        key = tuple(history)
        if self.latest is None or self.latest[:2] != (key, answers_with):
            self.latest = (key, answers_with, self._scored(of_history(history), answers_with))
        return self.latest[2]

    def _scored(self, batch: Batch, answers_with: str) -> Scored:
        if answers_with != "tuned":
            alone = Blend.of(simple_member(answers_with, self.choices))
            own, sticks = alone.scored(self.tables, batch)
            return Scored(self.scores(batch, answers_with)[0], own[0], alone, sticks)
        own, sticks = self.blend.scored(self.tables, batch)
        return Scored(self.tables.with_new(own, batch, self.new_share)[0], own[0], self.blend, sticks)

    def scores(self, batch: Batch, answers_with: str = "tuned") -> Dense:
        """People × items, by the blend or by one of the simple methods."""
        if answers_with != "tuned":
            return simple_scores(self.tables, batch, answers_with, self.choices)
        return self.tables.with_new(self.blend.scores(self.tables, batch), batch, self.new_share)


def simple_scores(tables: Tables, batch: Batch, name: str, choices: Choices) -> Dense:
    """One of the simple methods as the report has them."""
    if name == "content":
        both = [Member("tfidf", "words", choices.content_half_life), Member("text", "text", choices.content_half_life)]
        found = [tables.scores(member, batch) for member in both]
        nothing = np.zeros(found[0].shape, dtype=bool)
        return np.asarray(sum(Yardstick.of(one, nothing).measure(one) for one in found), dtype=np.float32)
    return tables.scores(simple_member(name, choices), batch)


def simple_member(name: str, choices: Choices) -> Member:
    """A simple method as a member; of content its shared words."""
    return {
        "content": Member("tfidf", "words", choices.content_half_life),
        "popularity": Member("popularity", "popularity"),
        "recent": Member("recent", "recent", choices.weeks),
        "itemknn": Member("itemknn", "itemknn"),
        "ease": Member("ease", "ease"),
        "itemknn_recency": Member("itemknn", "itemknn", choices.itemknn_half_life),
        "ease_recency": Member("ease", "ease", choices.ease_half_life, choices.ease_apart),
    }[name]


def load(model: Path, base: Path, device: str | None = None) -> LoadedRecommender:
    """A published model on its encoder, every file checked; raises BrokenModel and WrongBase."""
    manifest = artifact.verify(model)
    about = artifact.about_base(base)
    if manifest.base_revision != about.revision:
        raise WrongBase(expected=f"{manifest.base} {manifest.base_revision}", found=f"{base.name} {about.revision}")
    encoder = Encoder(base, device)
    encoder.with_adapter(model)
    return assembled(manifest, model, encoder)


def assembled(manifest: artifact.Manifest, model: Path, encoder: Encoder) -> LoadedRecommender:
    """A model folder around an encoder that carries its adapter."""
    try:
        items = store.read_items(model)
        tables, sentence, projection = store.read_tables(model)
        words, pieces, piece_rows = store.read_terms(model)
        details = Details.from_json(manifest.details)
        library = Library(tables.text, sentence, words, pieces, tables.by_word, piece_rows.T.tocsr(), Near.read(model))
        return LoadedRecommender(
            manifest=manifest,
            folder=model,
            items=items,
            places={item.item: i for i, item in enumerate(items)},
            tables=tables,
            library=library,
            encoder=encoder,
            blend=details.blend,
            projection=projection,
            new_share=details.new_share,
            finder=details.finder,
            choices=details.choices,
            shelf=Shelf.of(items, words, library.by_word),
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise BrokenModel(file="details") from error


def with_items(loaded: LoadedRecommender, items: Iterable[Item | Stored]) -> LoadedRecommender:
    """The same model with more items, known by their text at once; a known id gets the new price, text and stock.

    The given model stays as it is. Texts of known items are shown anew, but what was learned of them stays.
    """
    given = {item.item: item for item in (one if isinstance(one, Item) else Item.from_json(one) for one in items)}
    kept = [given.pop(item.item, item) for item in loaded.items]
    if not given:
        return replace(
            loaded, latest=None, items=kept, shelf=Shelf.of(kept, loaded.library.words, loaded.library.by_word)
        )
    new = list(given.values())
    texts = [item.words for item in new]
    sentence = store.short(loaded.encoder.encode(texts))
    with loaded.encoder.untouched():
        text = store.short(loaded.encoder.encode(texts))
    library, added = _more_library(loaded.library, texts, text, sentence)
    every = [*kept, *new]
    return replace(
        loaded,
        latest=None,
        items=every,
        places={item.item: i for i, item in enumerate(every)},
        tables=_more_tables(loaded.tables, (text, sentence, features_of(sentence, added, loaded.projection)), added),
        library=library,
        shelf=Shelf.of(every, library.words, library.by_word),
    )


def _more_library(library: Library, texts: list[str], text: Dense, sentence: Dense) -> tuple[Library, Table]:
    words, pieces = library.words.rows(texts), library.pieces.rows(texts)
    if library.near is not None:
        library.near.add(text, sentence)  # the given model passes over positions beyond its end
    grown = replace(
        library,
        text=np.vstack([library.text, text]),
        sentence=np.vstack([library.sentence, sentence]),
        by_word=sp.csr_matrix(sp.hstack([library.by_word, words.T])),
        by_piece=sp.csr_matrix(sp.hstack([library.by_piece, pieces.T])),
    )
    return grown, words


def _more_tables(tables: Tables, vectors: tuple[Dense, Dense, Dense], words: Table) -> Tables:
    """Nobody took the new ones, so that the tables are empty there and the text speaks alone."""
    text, sentence, features = vectors
    more, total = len(text), tables.items + len(text)
    lora = through_head(tables.heads, "item", sentence)
    none = np.zeros(more, dtype=np.float32)
    squares = {}
    for name in ("ease", "itemknn", "transitions"):
        grown = getattr(tables, name).copy()
        grown.resize((total, total))
        squares[name] = grown
    ridge = np.vstack([tables.ridge, np.zeros((more, tables.ridge.shape[1]), dtype=np.float32)])
    cold: NDArray[np.bool_] = np.r_[tables.cold, np.ones(more, dtype=bool)]
    return replace(
        tables,
        items=total,
        words=sp.csr_matrix(sp.vstack([tables.words, words])),
        popularity=np.r_[tables.popularity, none],
        recents={weeks: np.r_[found, none] for weeks, found in tables.recents.items()},
        text=np.vstack([tables.text, text]),
        lora=np.vstack([tables.lora, lora]),
        ridge=ridge,
        described=np.vstack([tables.described, features]),
        cold=cold,
        **squares,
    )
