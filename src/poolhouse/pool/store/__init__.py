"""
The only SQL of the pool: functions on a transaction, rows in, frozen structs out.

    tables    SQLAlchemy Core metadata; statements are composed from it once, at import
    pools     pools, signing keys, clients and their secrets, domains, resource servers
    users     users and aliases                 groups    groups and membership
    search    ListUsers: filter, order, pages  branding  styles, classic customizations, terms
    grants    grants, refresh tokens, authorization codes, browser sessions
    attempts  sign-ins in progress, sent codes, failure counters
    admins    administrators, access keys, console sessions, drafts
    imports   import jobs, their files and failed rows
    outbox    messages that wait for delivery
    expiry    deleting what has expired
    history   the Alembic migrations in migrations/

``find_`` may return None, ``take_`` removes and returns (to exactly one caller), ``put_`` inserts.
"""
