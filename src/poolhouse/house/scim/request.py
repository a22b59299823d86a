"""What a request may be; apart from ``scim.surface``, which only a house with a directory imports."""

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
BODY_LIMIT = 2 * 1024 * 1024
