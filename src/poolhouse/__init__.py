"""
Poolhouse: a user pool that speaks Amazon Cognito, and the house where a team's apps live behind it.

    cli      composition: ``poolhouse up``, ``serve pool``, ``serve house`` and the administrator's commands
    pool     the user-pool server: directory, cognito-idp API, OAuth 2.0/OIDC endpoints, pages, console
    house    the instance: Admin Settings, single sign-on as a relying party, portal
    kit      the shared leaf: clock and entropy, HTTP edge, JOSE, sealing, forms, templates, storage engine

Imports point one way: cli -> pool | house -> kit.  ``pool`` and ``house`` never import each other.
"""
