"""A message on paper: its letter as HTML, with the looks of the app that it concerns."""

import msgspec

from poolhouse.kit.db.protocol import ReadTx
from poolhouse.kit.mail import Mail, Picture
from poolhouse.pool.core import letter_brand
from poolhouse.pool.effects import letter_html
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.branding import ALL
from poolhouse.pool.model.message import Brand, Content, Message
from poolhouse.pool.store import branding as store


class Paper(msgspec.Struct, frozen=True):
    """HTML, None for a message without; and the pictures in it by Content-ID."""

    html: str | None = None
    pictures: tuple[Picture, ...] = ()


async def printed(flow: Flow, pool_id: str, content: Content, *, embedded: bool = False) -> Paper:
    """The HTML of *content*; *embedded* for a browser, with the pictures in it."""
    if content.letter is None:
        return Paper(content.html)
    entry = await flow.directory.find_pool(pool_id)
    brand = Brand() if entry is None else await brand_of(flow, entry, content.client_id)
    pictures = (Picture(cid=letter_html.LOGO, kind=brand.logo_kind, data=brand.logo),) if brand.logo else ()
    return Paper(letter_html.render(content.letter, brand, embedded=embedded), () if embedded else pictures)


async def brand_of(flow: Flow, entry: PoolEntry, client_id: str) -> Brand:
    """
    The looks of a client; a letter that concerns none has those of the pool's only style, if it has one.

    As on the pages, the domain's branding version says which of the two kinds of branding counts.
    """
    pool_id, looks = entry.pool.id, entry.appearance
    if any(each.settings.managed_login_version == 2 for each in entry.domains):
        owner = client_id or (next(iter(looks.managed)) if len(looks.managed) == 1 else "")
        if owner not in looks.managed:
            return Brand()
        style = await flow.database.read(lambda tx: store.find_style_of(tx, pool_id, owner))
        return Brand() if style is None else letter_brand.of_style(style)

    owners = [each for each in (client_id, ALL) if each in looks.classic]
    if not owners:
        return Brand()

    async def read(tx: ReadTx) -> Brand:
        found = await store.find_customization(tx, pool_id, owners[0])
        return Brand() if found is None else letter_brand.of_customization(found)

    return await flow.database.read(read)


async def mail_of(flow: Flow, message: Message, content: Content) -> Mail:
    """The message as it is handed to the mail server."""
    paper = await printed(flow, message.pool_id, content)
    return Mail(
        id=message.id,
        created_ms=message.created_ms,
        to=message.destination,
        subject=content.subject,
        text=content.text,
        html=paper.html,
        pictures=paper.pictures,
        language="" if content.letter is None else content.letter.language,
        sender=content.sender,
        reply_to=content.reply_to,
        configuration_set=content.configuration_set,
    )
