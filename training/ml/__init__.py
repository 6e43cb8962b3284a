"""How models learn: plain Python on torch, transformers and peft that knows nothing of the rest of Atelier."""

import os

# What transformers says while it loads a model tells a user of the studio nothing; whoever wants it sets these.
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
