"""
The screens: each function takes the context and a visit, and returns a reply.

    frame          what every page of a signed-in person has around it
    problem        a page on which something is explained and nothing can be done
    login          sign-in page and form, sign-out, signed out
    oidc           sign-in at the provider: start and return
    home           the apps
    account        a person's own account: sign-in methods, password
    tokens         a person's own tokens
    settings       Admin Settings > General
    authentication Admin Settings > Authentication: the two cards, form login
    oidc_settings  Admin Settings > Authentication > OIDC
    test_login     its settings on trial
    candidate      changed settings that wait beside those in force
    banners        what administrators are told above every page of theirs
    departing      what every sign-in does before the browser leaves
    break_glass    the page of an emergency link
    users          Admin Settings > Users
    apps           Admin Settings > Apps
    service_tokens Admin Settings > Tokens
    audit_log      Admin Settings > Audit log
    health         for load balancers

Templates get values of these modules, never a row.  ``oidc`` and ``oidc_settings`` import the HTTP client, so the
route table loads them at their first request.
"""
