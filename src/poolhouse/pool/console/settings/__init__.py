"""
Forms to the members of request bodies, and described settings back to forms: pure.

Each group of settings has ``check`` (problems by field), a function that makes members of a body, and one that fills
the form from what was described; the wizard and the Edit pages share them, so that both mean the same.

sign_in.py      how users name themselves, fixed at creation
password.py     password policy
mfa.py          multi-factor authentication
recovery.py     user account recovery
sign_up.py      self-registration, verification
schema.py       required and custom attributes
email.py, sms.py    message delivery
messages.py     templates
client.py       an app client: name, secret, flows
validity.py     how long its tokens hold
permissions.py  which attributes it reads and writes
hosted_ui.py    its OAuth settings
domain.py       a prefix, or a domain of one's own
pairs.py        tables of two columns: tags, scopes
checks.py       what several groups ask of a value
"""
