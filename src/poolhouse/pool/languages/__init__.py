"""
What the hosted pages and the e-mails of a pool are said in.

    tags        the languages there are, and which of them a tag asks for (RFC 4647)
    choosing    which one a visitor gets: asked for, kept, or what the browser prefers
    texts       what a text must be like that stands in the place of ours
    voice       a language as pages and mails use it: ``say``, ``say_many``, dates and numbers
    catalogue   the translations, read from ``catalogues/<tag>.po`` when a language is first used

The English text is the id of a message, so English has no catalogue.  ``tools/languages.py`` keeps the others whole.
"""
