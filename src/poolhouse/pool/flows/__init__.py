"""
The verbs of the product.

A flow has three moves: read facts; decide (and hash) outside any transaction; write in one short transaction that
checks again what it relies on.  Nothing awaits the network inside a transaction.

    context     Flow: what every verb is given; Refused: how a verb says no
    directory   pools, clients and keys, cached per process until a change is announced
    people      finding users by any name they have, writing them
    caller      who calls: a client that proved itself, a user by access token
    sign_in     begin and answer: the attempt, step by step, for API and pages alike
    srp         the two halves of USER_SRP_AUTH          factors     second factors
    sign_up     sign up, confirm, resend                 recovery    forgot, confirm, change
    authorize   the authorization request                code_grant  redeem a code
    refresh     redeem a refresh token                   client_grant client credentials
    issue       the only place where tokens are minted   sign_out    revoke, sign out everywhere
    messages    compose a message into the outbox        courier     deliver, retry, give up
    pools       user pools and their settings            clients     app clients and their secrets
    domains     prefixes and custom domains              resource_servers  and their scopes
    groups      groups and membership                    users       what an administrator does with users
    invitations users whom an administrator creates, and the message that invites them
"""
