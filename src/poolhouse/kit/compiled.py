"""
What templates were compiled to, kept where Python keeps what modules were compiled to.

To compile what one page is made of takes a fifth of a second, in which a fresh process answers nobody else.  Whoever
may write there may write the modules as well, so that nothing is trusted that was not before.
"""

import contextlib
import hashlib
import sys
from collections.abc import Iterable
from importlib.util import cache_from_source
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket

_PACKAGE = Path(__file__).parents[1]
_RELEASE = jinja2.__version__.encode()


class Compiled(jinja2.FileSystemBytecodeCache):
    """
    For the environment that the module *made_in* sets up: another text of it, or of a template, is compiled anew.

    So is what another release of Jinja has compiled, whose runtime need not be that of this one.

    Where nothing can or shall be written (``PYTHONDONTWRITEBYTECODE``), nothing is kept.
    """

    def __init__(self, made_in: str) -> None:
        made_by = hashlib.sha256(_RELEASE + Path(made_in).read_bytes()).hexdigest()[:12]
        self._folder = Path(cache_from_source(made_in)).parent / "templates"
        super().__init__(str(self._folder), f"%s.{made_by}.{sys.implementation.cache_tag}")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take it if it can be read; whatever is wrong with the file, the template itself is there."""
        try:
            super().load_bytecode(bucket)
        except Exception:  # noqa: BLE001 (what a broken pickle raises is not told)
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it for the next process, if that can be."""
        if sys.dont_write_bytecode:
            return
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            super().dump_bytecode(bucket)


def compiled(made_in: str, templates: Iterable[Path]) -> Compiled | None:
    """For the package's own *templates*; those of anybody else come and go."""
    return Compiled(made_in) if all(each.is_relative_to(_PACKAGE) for each in templates) else None
