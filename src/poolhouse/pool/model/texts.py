"""Texts of the hosted pages and the e-mails that a pool has in the place of ours."""

import msgspec


class PageTexts(msgspec.Struct, frozen=True, kw_only=True):
    """
    Those of one language, by the English text.

    A text that counts things has one for each of the language's forms (gettext's plural forms).
    """

    pool_id: str
    language: str
    texts: dict[str, str | list[str]]
