"""
The network: senders only; they know nothing of the store.

    mail           SMTP
    hooks          triggers: one call, its attempts and its errors
    hook_targets   which URL answers for which function
    hook_http      the HTTP client, imported at the first call
    aws_signing    Signature Version 4 for what is sent
"""
