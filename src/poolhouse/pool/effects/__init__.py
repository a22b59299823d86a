"""
The network: senders only; they know nothing of the store.

    mail    SMTP
"""
