"""
E-mail that the house writes.

    settings    the mail server, as an administrator gives it
    letter      what a mail says, as text and HTML
    outbox      what waits: written with the deed that causes it, sent afterwards, tried again
"""
