"""
The route table: every page of the house, and who may use it, one module for each part of the instance.

Besides them there are ``/health/*`` and ``/static/*``.
"""

from poolhouse.house.admission import Access, Row
from poolhouse.house.pages import nowhere
from poolhouse.house.routes import apps, authentication, instance, people, sections, tokens, users

ROUTES = (
    *people.ROUTES,
    *authentication.ROUTES,
    *users.ROUTES,
    *apps.ROUTES,
    *sections.ROUTES,
    *tokens.ROUTES,
    *instance.ROUTES,
)

NOWHERE = tuple(Row(method, "/{anywhere:path}", Access.PUBLIC, nowhere.show) for method in ("GET", "POST"))
