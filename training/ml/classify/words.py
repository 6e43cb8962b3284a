"""TF-IDF of words and characters with logistic regression: the cheap method that a tuned model has to beat."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from training.ml.classify import linear
from training.ml.classify.linear import Floats, Linear
from training.ml.everyday import is_wide

STRENGTH = 5.0
PIECE = r"(?u)\b\w+\b|[!?]+"
MOST_WORDS, MOST_CHARACTERS = 40_000, 80_000
JSON, ARRAYS = "words.json", "words.npz"


@dataclass(frozen=True)
class Words:
    """The vectorisers and the weights on what they count."""

    vectorisers: list[TfidfVectorizer]
    model: Linear
    wide: bool

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """float32 [texts, labels]."""
        return self.model.probabilities(features(self.vectorisers, texts))

    def save(self, folder: Path) -> None:
        terms = [vectoriser.get_feature_names_out().tolist() for vectoriser in self.vectorisers]
        about = {"wide": self.wide, "multi": self.model.multi, "terms": terms}
        (folder / JSON).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
        idfs = {f"idf{i}": vectoriser.idf_.astype(np.float32) for i, vectoriser in enumerate(self.vectorisers)}
        arrays: dict[str, Any] = {"weights": self.model.weights.astype(np.float16), "bias": self.model.bias, **idfs}
        np.savez(folder / ARRAYS, **arrays)


def load(folder: Path) -> Words:
    """As it was saved."""
    about = json.loads((folder / JSON).read_text(encoding="utf-8"))
    with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
        model = Linear(arrays["weights"].astype(np.float32), arrays["bias"], bool(about["multi"]))
        vectorisers = _vectorisers(bool(about["wide"]), 1)
        for place, (vectoriser, terms) in enumerate(zip(vectorisers, about["terms"], strict=True)):
            vectoriser.vocabulary = {term: i for i, term in enumerate(terms)}
            vectoriser.idf_ = arrays[f"idf{place}"].astype(np.float64)
    return Words(vectorisers, model, bool(about["wide"]))


def fit(texts: Sequence[str], targets: Floats, multi: bool) -> Words:
    """Words 1-2 and characters 2-4; characters 1-3 alone where words are not written apart, or there are none."""
    wide = is_wide(texts) or not any(re.search(PIECE, text) for text in texts)  # smileys alone have no words
    vectorisers = _vectorisers(wide, 2 if len(texts) > 1000 else 1)
    counted = hstack([vectoriser.fit_transform(texts) for vectoriser in vectorisers]).tocsr()
    model = linear.fit(counted, targets, multi, STRENGTH)
    # Kept in half precision on disk; the same numbers are used from the start, so that nothing changes by saving.
    return Words(vectorisers, Linear(model.weights.astype(np.float16).astype(np.float32), model.bias, multi), wide)


def features(vectorisers: Sequence[TfidfVectorizer], texts: Sequence[str]) -> csr_matrix:
    """Sparse [texts, terms]."""
    return hstack([vectoriser.transform(texts) for vectoriser in vectorisers]).tocsr()


def _vectorisers(wide: bool, rarest: int) -> list[TfidfVectorizer]:
    common = {"sublinear_tf": True, "dtype": np.float32, "lowercase": True}
    if wide:
        return [TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=rarest, max_features=120_000, **common)]
    return [
        TfidfVectorizer(ngram_range=(1, 2), max_features=MOST_WORDS, token_pattern=PIECE, **common),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=rarest, max_features=MOST_CHARACTERS, **common),
    ]
