"""
The verbs of the product.

A flow has three moves: read facts; decide (and hash) outside any transaction; write in one short transaction that
checks again what it relies on.  Nothing awaits the network inside a transaction.

    context     Flow: what every verb is given; Refused: how a verb says no
    directory   pools, clients and keys, cached per process until a change is announced
    people      finding users by any name they have, writing them
    caller      who calls: a client that proved itself, a user by access token
    sign_in     begin and answer: the attempt, step by step, for API and pages alike
    gate        who may try a password, what a try costs lockout     the counters behind it, and hourly limits
    attempt     a sign-in between two requests           steps       what is asked next, for every door
    moving      from one attempt to the next, in one transaction
    srp         the two halves of USER_SRP_AUTH          new_password  after a temporary one
    factors     second factors in a sign-in              mfa         set up, switched on, preferred
    credentials passwords at rest                        codes       codes that are sent and come back
    sign_up     sign up, confirm, resend                 recovery    forgot, confirm, change
    profile     a user's attributes, by himself or an administrator; the account's end
    aliases     whose an address is, where users sign in by it
    hooks       triggers: refused, since none can run
    site        which pool's domain a request came to
    browser     a browser's session, and its thread from page to page
    authorize   the authorization request                code_grant  redeem a code
    refresh     redeem a refresh token                   client_grant client credentials
    issue       the only place where tokens are minted   sign_out    revoke, sign out everywhere
    messages    compose a message into the outbox        courier     deliver, retry, give up
    pools       user pools and their settings            clients     app clients and their secrets
    domains     prefixes and custom domains              resource_servers  and their scopes
    branding    a style for each client                  ui_customization  CSS and logo of the classic pages
    terms       documents that sign-up pages link
    groups      groups and membership                    users       what an administrator does with users
    invitations users whom an administrator creates, and the message that invites them
    imports     jobs that import users, and their files  import_runner  works on them
    import_batch  what some rows of a file make
"""
