"""
The endpoints that programs call: OAuth 2.0 and OpenID Connect in JSON.

    routes      the route tables: of a domain, and of the issuer
    answers     from a request to a JSON answer; errors, methods, CORS
    client      the app client's proof: Basic, or in the body
    token       POST /oauth2/token
    revoke      POST /oauth2/revoke
    userinfo    GET and POST /oauth2/userInfo
    metadata    the discovery document and the key set

What a browser visits (/oauth2/authorize, /logout, the pages) is in ``pool.pages``.
"""
