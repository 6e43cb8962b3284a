"""A second look at rows that takes one at a time, as slowly and plainly as it can be said: for tests only, which hold the
quick one to it."""

from __future__ import annotations

from projects import columns, contacts, language, privacy, quality, rows
from projects.labels import columns as label_columns
from projects.values import missing


def faults(texts, problem):
    flags = [problem] if problem in quality.FLAGS else []
    if any(map(missing, texts)):
        return [*flags, "empty"]
    return flags + [name for name, faulty in quality.FAULTS.items() if any(map(faulty, texts))]


def bucket(text):
    return max(place for place, least in enumerate(quality.BUCKETS) if len(text) >= least)


class Tally:
    def __init__(self):
        self.marks, self.keys, self.found, self.labelled = [], [], [], []
        self.lengths, self.languages, self.seen, self.masks = {}, {}, 0, 0

    def measure(self, names, texts):
        self.seen += 1
        for name, text in zip(names, texts, strict=True):
            self.lengths.setdefault(name, [0] * (len(quality.BUCKETS) - 1))[bucket(text)] += 1
        if self.seen <= 1_000 or self.seen % 100 == 0:
            told = language.of(" ".join(texts))
            self.languages[told] = self.languages.get(told, 0) + 1


def pairs(path, places, names):
    """What stands in questions and answers."""
    tally = Tally()
    for n, _line, cells, problem in rows.page(path, 0, 10**9):
        texts = [quality.cell_text(columns.text(cells, at)) for at in places]
        flags = faults(texts, problem)
        tally.marks += [(flag, n) for flag in flags]
        if "empty" in flags:
            continue
        tally.measure(names, texts)
        tally.masks += contacts.holds_mask(texts[-1])
        for side, text in enumerate(texts):
            tally.found += [
                (privacy.value(text, one), n, side, one.kind, text[one.start : one.end]) for one in privacy.find(text)
            ]
        tally.keys.append((n, quality.key(privacy.mask(texts[0])), quality.key(texts[-1])))
    return tally


def labelled(path, at, held, none):
    """What stands in texts with a label."""
    tally = Tally()
    for n, _line, cells, problem in rows.page(path, 0, 10**9):
        text = quality.cell_text(columns.text(cells, at))
        label = label_columns.cell(cells, held, none)
        flags = faults([text], problem)
        if "empty" not in flags:
            tally.measure(["text"], [text])
            tally.found += [(privacy.value(text, one), n) for one in privacy.find(text)]
            flags += ["unlabelled"] if missing(label) else []
        tally.marks += [(flag, n) for flag in flags]
        if "empty" not in flags and "unlabelled" not in flags:
            plain = (quality.without_markup(text) or text) if "markup" in flags else text
            tally.keys.append((n, quality.key(privacy.mask(plain))))
            tally.labelled.append((n, label))
    return tally
