"""Tokens for API calls: one's own, and Admin Settings > Tokens."""

from poolhouse.house.admission import Access, Row
from poolhouse.house.pages import tokens
from poolhouse.house.routes.row import Later

SIGNED_IN, ADMINISTRATOR = Access.SIGNED_IN, Access.ADMINISTRATOR

ROUTES = (
    Row("GET", "/user/tokens", SIGNED_IN, tokens.show),
    Row("POST", "/user/tokens", SIGNED_IN, tokens.make),
    Row("POST", "/user/tokens/sign-in-again", SIGNED_IN, tokens.sign_in_again),
    Row("POST", "/user/tokens/{id}/revoke", SIGNED_IN, tokens.end),
    Row("GET", "/settings/service-tokens", ADMINISTRATOR, Later("service_tokens", "show")),
    Row("GET", "/settings/service-tokens/new", ADMINISTRATOR, Later("service_tokens", "show_new")),
    Row("POST", "/settings/service-tokens/new", ADMINISTRATOR, Later("service_tokens", "make")),
    Row("POST", "/settings/service-tokens/{id}/revoke", ADMINISTRATOR, Later("service_tokens", "end")),
    Row("GET", "/settings/personal-tokens", ADMINISTRATOR, Later("service_tokens", "show_personal")),
    Row("POST", "/settings/personal-tokens", ADMINISTRATOR, Later("service_tokens", "save_rules")),
    Row("POST", "/settings/personal-tokens/{id}/revoke", ADMINISTRATOR, Later("service_tokens", "end_personal")),
)
