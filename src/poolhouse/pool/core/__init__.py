"""
Decisions: pure functions over values.

No clock, no randomness, no storage, no network: *now* and random bytes are arguments.

refusal.py       what a decision answers when it says no
sign_in.py       what is asked next of a person who signs in: the one function for API, pages and console
authorize.py     the checks on an authorization request (authorization_request.py: the request and the verdicts)
tokens.py        the claims of ID and access tokens
srp.py           SRP-6a in Cognito's dialect, and the decoy for unknown users
password.py      policy, temporary passwords, history
one_time.py      codes by mail and SMS
totp.py          codes of authenticator apps (RFC 6238)
pkce.py          RFC 7636
client_proof.py  SECRET_HASH and client secrets
refresh.py       rotation, grace, reuse, families
sessions.py      how many sessions, how long, and what is told of them
devices.py       the secret of a device, and what is shown of it
throttle.py      lockout and hourly counters
masking.py       what is shown of an address that received a code
search.py        the ListUsers filter language
branding.py      documents of styles, and their images        classic_css.py  the style sheet of the classic pages
look.py          from those documents to a style sheet of our pages
attributes/      schema, values, permissions, forms of the username
settings/        checks and defaults of user pools, MFA and app clients

May import ``pool.model`` and ``pool.spec`` only.
"""
