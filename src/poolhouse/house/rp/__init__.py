"""
The relying party: OpenID Connect from the side of the one who asks (OIDC Core, RFC 6749, RFC 9700).

    urls        which paths may be returned to
    failures    every way a sign-in can fail
    explained   for each: the field to blame, the sentence, what to do
    discovery   the provider's metadata document
    recognise   the issuers behind what was pasted: an address of a console, the id of a pool
    finding     asks each of them for its document
    consistency what looks wrong about settings without asking anybody
    keys        the provider's JWK set: cached, refetched once for an unknown key, throttled
    id_token    the ID token: signature, then every claim
    tokens      the token endpoint
    userinfo    the UserInfo endpoint
    form        what the administrator types, checked
    person      who the claims speak of
    probe       whether a browser that is sent to the provider would arrive
    diagnosis   settings under examination, field by field, before anything is saved
    check       whether saved settings would work, endpoint by endpoint
    logout      the provider's own sign-out
    request     the authorization request
    github      GitHub, which has no ID tokens
    google      Google, whose addresses are known
    client      the journey: start, return

``client`` calls the others; none of them calls it, and none knows of pages, cookies or the database.
"""
