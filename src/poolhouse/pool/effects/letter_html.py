"""Letters as HTML for mail clients: one template, everything in it escaped, nothing fetched from anywhere."""

import base64
from functools import cache
from typing import Final

import jinja2

from poolhouse.kit.html import KIT
from poolhouse.pool.languages.tags import LANGUAGES
from poolhouse.pool.model.message import Brand, Letter

LOGO: Final = "logo@letter"
"""The Content-ID of the logo that travels with a letter."""
_TEMPLATES: Final = KIT / "templates" / "kit"


def render(letter: Letter, brand: Brand, *, embedded: bool = False) -> str:
    """The whole document; *embedded* has the logo in it, for a browser that shows it by itself."""
    direction = LANGUAGES[letter.language].direction
    logo = ""
    if brand.logo:
        data = base64.b64encode(brand.logo).decode() if embedded else ""
        logo = f"data:image/{brand.logo_kind};base64,{data}" if embedded else f"cid:{LOGO}"
    return _template().render(
        letter=letter, brand=brand, direction=direction, start="right" if direction == "rtl" else "left", logo=logo
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    return environment.get_template("letter.html")
