"""
The administrator's console: a client, in process, of the JSON API, and a second way in to nothing.

    bytes -> admission (session, origin, proof) -> a page's handler -> api.call(operation) -> a page, or a redirect

Whatever a page shows or changes goes through the API's operations with their limits and errors; besides them only
``flows.admins`` (sign-in, sessions, drafts, access keys) and ``flows.mailbox`` (the messages of a development server).
Words of the structure follow the console of Amazon Cognito, so that guides written for it can be followed here.

app.py           THE route table of the console; door.py: where it is imported, at the first request
admission.py     who may come in; everything that goes wrong becomes a page
context.py       what a handler is given; form.py: what was filled in
session.py       sign-in, sign-out, cookies and proofs
calls.py         operations, and lists read to their end; refusals.py: errors beside their fields
frame.py         pages and redirects; done.py: the word on what was just done; paths.py: addresses
settings/        forms to request bodies and back: pure
wizard/          Create user pool, in six steps
pools.py         the list; tabs.py: the frame of a pool's pages, and the overview
experience.py, messaging.py, properties.py, integration.py    the other tabs
users.py, user.py, user_mfa.py, providers.py, groups.py, domains.py, resource_servers.py, clients.py    what a pool has
section.py, sections.py, section_pages.py    what is edited of a pool's settings
edits.py, fields.py    the page of one form, and what its fields offer
access_keys.py   access keys of programs

It may import everything below it, and nobody imports it but ``pool.app``.
"""
