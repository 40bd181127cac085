"""The network, its vocabulary and rows, how it is trained and how it becomes a file."""
