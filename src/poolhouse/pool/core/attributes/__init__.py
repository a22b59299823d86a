"""
User attributes.

schema.py        the 20 standard attributes; a pool's schema from the request that creates it
formats.py       what an e-mail address, a phone number, a date, a number look like
values.py        a user's attributes at creation and at change, against the schema
permissions.py   which attributes an app client may write
usernames.py     the forms of the username, and the aliases by which a user is found

 request -> usernames.new_username (copies the contact) -> permissions (clients) -> values -> store
"""
