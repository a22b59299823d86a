"""
What a browser visits at a pool's domain.

    routes      the route table, relative to a domain
    visit       from a request to a page: domain, CSRF, security headers, and what goes wrong
    views       one typed struct for each template
    authorize   /oauth2/authorize: straight on for whoever is signed in, else to the sign-in page
    sign_in     /login
    steps       /changePassword, /mfa, /mfa/setup: what else a sign-in asks for, and its end
    sign_up     /signup, /confirm, /confirmUser, /resendcode
    recovery    /forgotPassword, /confirmforgotPassword
    logout      /logout
    error       /error and the words for what went wrong
    dress       which style sheet, pictures and terms a page links
    looks       /branding: style sheets and pictures of app clients

A page does not know the next one: the sign-in engine says what is asked next, ``steps`` knows its page.
Every page works without script.
"""
