"""The commands: each is one call of the library, imported when the command is run."""
