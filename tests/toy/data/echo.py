"""Its data: questions and answers, as a chat's."""

from __future__ import annotations

from projects import quality
from projects.families.chat import Texts

DATA = Texts(quality.FLAGS, READING=0.5)
