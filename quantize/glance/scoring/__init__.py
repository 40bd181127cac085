"""How good the file is: through the runtime itself, on questions that were never trained on."""
