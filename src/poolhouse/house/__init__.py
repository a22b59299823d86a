"""
The house: a team's instance, set up against an OpenID provider, with a home page of apps.

    app         composition root
    config      start-up settings
    context     what every handler is given
    admission   from bytes to a handler and back; who may come in
    visit       one request with what is known about who sent it
    model       records
    provider    the providers that people sign in with
    people      groups and invitations as records, and the settings about people
    people_checks  what those settings must satisfy
    roles       what somebody may do in Admin Settings
    tables      the database's tables; ``migrations`` makes them (``schema``); ``store`` has every statement
    routes      the route table; ``router`` leads to it; ``rounds`` what the house does by itself; ``keeping`` tidies
    settings    live settings by name: table, checks, the one way to change them
    session_rules  how long sessions last, and how many there are
    replicas    who else serves this house, and which version of the settings they run
    tokens      what a token for API calls is; ``token_making`` makes and revokes, ``token_rules`` are the settings
    freshness   whether somebody has just signed in
    metrics     numbers for Prometheus
    live        the settings document that is in force, on every replica
    departed    what the settings say no more of a provider that is gone
    session     cookies, sessions, the proof against forged requests
    accounts    who an (issuer, subject) is here: first sign-in, return, linking, refusal
    taking_over what an account shows of what its provider says
    groups      changing groups, and what names them
    claim_rules what claims make of a person: groups and roles
    rule_changes  changing those rules, for everybody who is here
    newcomers   who gets an account at the first sign-in
    invitations made by an administrator, accepted once
    passwords   sign-in with e-mail and password, and its brakes
    first_admin the administrator of an empty database
    drafts      settings of a provider that are being tried
    foreseen    what a sign-in would come to, without doing it
    candidate   records of a change that comes into force in steps; ``rollout`` how it does, ``going_back`` how it is
                undone, ``former_secret`` the secret that it replaced
    giving_back refresh tokens of sessions that their owners ended
    reminding   client secrets that end
    emergency   links that let an administrator in when nothing else does
    reach       which apps answer, as this process has found
    limiter     how often one address may knock
    guards      changes that would lock every administrator out
    audit       what happened
    mail        the mail server, letters, the outbox
    rp          the relying party
    tls         TLS that the house ends itself: certificates, ACME, former addresses
    portal      what a person may open, why, and how to get what they may not
    pages       one module per screen
    templates, static

The house imports ``poolhouse.kit`` only.  It knows its provider by HTTP, as it would know any other.
"""
