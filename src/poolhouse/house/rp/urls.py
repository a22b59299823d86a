"""Which paths of the house a browser may be sent back to."""

from poolhouse.kit.urls import FORBIDDEN

_PATH_LIMIT = 2048
_OWN_SIGN_IN = ("/user/login", "/user/logout", "/user/logged-out", "/oauth2/", "/login/", "/static/", "/health/")


def local_path(text: str) -> str:
    r"""
    *text* if it is a path of this house to come back to after sign-in, else ``/``.

    The corpus of what other gateways let through is in the tests: ``//host``, ``/\host``, tabs, ``/./..//host``.
    Pages of the sign-in itself are no targets, or a loop would follow.
    """
    if not text.startswith("/") or len(text) > _PATH_LIMIT or FORBIDDEN.search(text):
        return "/"
    path = text.partition("?")[0].partition("#")[0]
    segments = path.split("/")[1:]
    if "" in segments[:-1] or "." in segments or ".." in segments or "%2e" in path.lower():
        return "/"
    if path.startswith(_OWN_SIGN_IN):
        return "/"
    return text
