"""
Another proxy in front of an app: what it is configured with, and whether the whole chain holds.

    config   text for nginx, Caddy, Traefik, Envoy and Apache, of one app
    cases    requests that a chain has to get right, ordinary and hostile
    wire     one request as bytes, and its answer
    check    all of them against a deployed chain
"""
