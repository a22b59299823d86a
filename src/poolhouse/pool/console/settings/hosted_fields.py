"""
What an administrator is told of a pool's extended settings (``model.hosted``), setting by setting.

The console's page and the table in docs/page-settings.md are both made from this.
"""

from typing import Final

from poolhouse.pool.console.settings.extended import Field, Group

GROUPS: Final = (
    Group("Help", "Where people turn who cannot sign in.", (
        Field("help_url", "text", "Address of help",
              "An https or mailto URL. Each hosted page links it at its foot."),
    )),
)  # fmt: skip
