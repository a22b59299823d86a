"""The house, driven as a browser drives it, against a provider of its own."""
