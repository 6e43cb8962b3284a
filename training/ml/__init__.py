"""How models learn: plain Python on torch, transformers and peft that knows nothing of the rest of Atelier."""
