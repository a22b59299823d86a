"""
``/account``: where a person looks after the own account.

    frame      who is there, how fresh the sign-in is, and what every page of it has
    views      one typed struct for each template
    overview   what there is
    profile    attributes, and deleting the account
    contact    e-mail address and phone number: changed, verified
    security   password, second steps, passkeys at a glance
    password   a new password
    factors    a second step is set up, preferred, removed
    passkeys   a passkey is added, renamed, removed
    sessions   browsers, apps and devices that are signed in
    apps       what apps were allowed
    activity   sign-ins of late
    routes     their addresses
"""
