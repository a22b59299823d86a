"""Which addresses may name a client: draft-ietf-oauth-client-id-metadata-document section 3."""

from urllib.parse import urlsplit

import httpx
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.pool.core import client_document as core

pieces = st.sampled_from(
    ["https://", "http://", "app.example", "evil.example", "/", "//", "..", ".", "@", ":", "443", "\\", "#", "?", "%2e", " ",
     "a", "é", "[::1]", "\n", ";"]
)  # fmt: skip


@given(st.lists(pieces, max_size=12).map("".join))
def test_an_address_that_is_taken_is_read_alike_by_two_readers(address: str) -> None:
    if not core.is_address(address):
        return
    one, other = urlsplit(address), httpx.URL(address)

    assert ("https", "https") == (one.scheme, other.scheme)
    assert (one.hostname or "").strip("[]") == other.host
    assert one.path == other.path
    assert not {".", ".."} & set(one.path.split("/"))
