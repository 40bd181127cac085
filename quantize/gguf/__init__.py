"""Quantizing GGUF models: what each tensor may cost, what it loses, and the file that fits."""
