"""
Settings of pools and app clients: what contradicts itself, and what is filled in.

Shapes, lengths, patterns and enumerations have been checked before (``spec.limits``); here are the rules between
members. The result is the wire structure that a describe call answers.

pools.py         CreateUserPool, UpdateUserPool: defaults, and what an update keeps
pool_checks.py   the rules that a pool's settings must keep, as an ordered tuple
messages.py      templates of messages, and the legacy members that mirror them
mfa.py           SetUserPoolMfaConfig, and what GetUserPoolMfaConfig answers
clients.py       CreateUserPoolClient, UpdateUserPoolClient: defaults and checks
oauth.py         OAuth flows, scopes, callback and sign-out URLs of a client
auth_flows.py    ExplicitAuthFlows: what they mean, and which go together
tiers.py         features that a pool's tier does not have
unsupported.py   settings of the service that this server cannot act on, and so refuses
"""
