"""What the directory of ``up`` holds besides databases and keys."""

ADDRESS_FILE = "house.url"
"""The origin of the house that was started there last, so that commands can print links to it."""
