"""
Every SQL statement of the house.

    accounts    people, the addresses they hold, their identities at the provider
    sessions    browsers that are signed in
    pending     sign-ins under way; brakes on guessing
    documents   the versions of the settings, with the client secret sealed
    apps        entries of the home page
    outbox      mail that waits to be sent
    audit       what happened

Functions take the transaction of their caller, who decides what is one unit.  Statements are composed once, at
import.
"""
