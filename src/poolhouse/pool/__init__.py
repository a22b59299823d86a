"""
The user-pool server: directory, cognito-idp API, OAuth 2.0/OIDC endpoints, hosted pages, console.

    app       composition root and the route table
    console   the administrator's pages; calls api operations in process
    api       the JSON protocol     oauth   the domain's endpoints     pages   hosted sign-in
    flows     the verbs: read facts, decide, write once
    core      decisions; pure       store   the only SQL               effects  mail and other senders
    model     frozen structs
    spec      the contract with the outside world, as data

Imports point down only; import-linter holds the contract.
"""
