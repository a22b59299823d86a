"""
Every SQL statement of the house.

    accounts    people, the addresses they hold, their identities at the provider
    directory   looking for people
    groups      groups, and who is in them by which source
    grants      roles of accounts and of groups
    invitations people who may come in once
    standing    what an account is in and has, by whatever way
    sessions    browsers that are signed in
    pending     sign-ins under way; brakes on guessing
    documents   the versions of the settings, with the client secret sealed
    apps        entries of the home page
    portal      favourites, and when apps were opened last
    requests    requests for access
    presence    who is signed in, where
    everybody   what policies can ask of all accounts
    probes      what was found of apps by asking them around the gateway
    replicas    the processes that serve this house
    tokens      tokens for API calls, each with its holder
    outbox      mail that waits to be sent
    audit       what happened
    certificates  certificates of the house's own making, and what ACME needs

Functions take the transaction of their caller, who decides what is one unit.  Statements are composed once, at
import.
"""
