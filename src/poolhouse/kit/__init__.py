"""
The shared leaf: imports nothing else of Poolhouse.

    ambient    clock and entropy; the only module that may ask the machine for the time or for randomness
    edge       ASGI in, ``Raw`` to the handler, ``Reply`` back
    address    whose request it is, when proxies stand in front
    forms      query and form parsing; a repeated parameter is an error
    seal       authenticated encryption at rest, derived keys, digests
    jose       RSA keys, JWT signing and verification, JWK sets
    cpu        a bounded pool of threads for work that takes more than a millisecond
    passwords  argon2id
    log        structured logs with an allow-list of field names
    db         SQLite with group commit, PostgreSQL over asyncpg, one interface
    html       templates, static files, response headers of pages
    speech     the words of templates, in the language of the page
    urls       which URLs may be called at all, one reading for all of them
    outgoing   HTTP calls: no redirects, no proxies, bounded in time and size, no private addresses
"""
