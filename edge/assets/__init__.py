"""What the package brings along: the embedded default model and the demo recording."""
