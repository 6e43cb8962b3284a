"""The inference process: one base model in memory, many adapters by name, behind the interface that OpenAI made common."""
