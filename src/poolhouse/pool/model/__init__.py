"""
Frozen structs without behaviour.

    pool      Pool, Client, Domain, ResourceServer, Group
    user      User, its status and credentials, verification codes
    sign_in   Attempt: one sign-in in progress; Facts and the three possible steps
    grant     Grant, RefreshToken, AuthorizationCode, BrowserSession
    device    Device: what a user has signed in from
    session   what is known of a token or SSO session, where a pool tracks them
    origin    where a request comes from
    message   what goes to the outbox

Settings of pools and clients are kept as the wire structures of ``spec.shapes``: one definition, and a describe
call echoes exactly what was set.
"""
