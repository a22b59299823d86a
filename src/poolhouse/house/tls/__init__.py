"""
TLS that the house ends itself, and its public address.

    settings    the administrator's part of the settings document
    pairs       a certificate chain with its key: read, checked
    contexts    what is served to whom, by the name that a client asks for
    keeper      where certificates come from, and how a new one comes into force
    opening     the keeper, for the composition root
    hosts       the names that need one
    temporary   what is served while there is no certificate
    former      former addresses of the house
    plain       the listener for plain http: on to https, and ACME's questions
    acme        certificates from an authority (RFC 8555); ``network`` carries its messages
    orders      the round that orders and renews them
"""
