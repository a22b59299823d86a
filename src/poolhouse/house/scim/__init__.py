"""
SCIM 2.0: a directory keeps this house's people and groups (RFC 7643, RFC 7644).

    surface     from a request to a resource and back: the key, the route, the media type
    request     what a request may be
    replies     answers and errors in SCIM's own words
    filters     the filter language, parsed and matched
    patching    PATCH upon a resource
    resources   accounts and groups as SCIM has them
    people      the users' endpoint          groups      the groups' endpoint
    query       parameters of a list             reading     what both answer to GET
    schemas     what a client can ask for about this service
    keys        the API key                  arrival     first sign-in of whom SCIM has added
    settings    the section of the settings

A client sees everybody and changes people, except who signs in with a password of their own; of groups it changes
those that it made.  Whom an administrator has disabled it does not enable.
"""
