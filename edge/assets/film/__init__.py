"""How the demo film is drawn; nothing here runs in the runtime."""
