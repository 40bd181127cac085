"""The cloud side: wire formats, rows of providers, and what they may be told."""
