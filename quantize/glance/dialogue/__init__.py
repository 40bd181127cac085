"""What the model learns from: scenes, questions as they are heard, and the replies that are right."""
