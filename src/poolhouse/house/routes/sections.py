"""Sections of the live settings that are one page each."""

from poolhouse.house.admission import PICTURE_FORM_LIMIT, Access, Row
from poolhouse.house.routes.row import Later

ADMINISTRATOR = Access.ADMINISTRATOR

ROUTES = (
    Row("GET", "/settings/email", ADMINISTRATOR, Later("mail", "show")),
    Row("POST", "/settings/email", ADMINISTRATOR, Later("mail", "save")),
    Row("POST", "/settings/email/test", ADMINISTRATOR, Later("mail", "send_test")),
    Row("GET", "/settings/sessions", ADMINISTRATOR, Later("sections", "SESSION_RULES.show")),
    Row("POST", "/settings/sessions", ADMINISTRATOR, Later("sections", "SESSION_RULES.save")),
    Row("GET", "/settings/embedding", ADMINISTRATOR, Later("sections", "FRAMES.show")),
    Row("POST", "/settings/embedding", ADMINISTRATOR, Later("sections", "FRAMES.save")),
    Row("GET", "/settings/branding", ADMINISTRATOR, Later("branding", "show")),
    Row("POST", "/settings/branding", ADMINISTRATOR, Later("branding", "save"), limit=PICTURE_FORM_LIMIT),
    Row("GET", "/settings/branding/preview/{theme}", ADMINISTRATOR, Later("branding", "preview")),
    Row(
        "POST",
        "/settings/branding/preview/{theme}",
        ADMINISTRATOR,
        Later("branding", "preview_draft"),
        limit=PICTURE_FORM_LIMIT,
    ),
    Row("GET", "/settings/domain", ADMINISTRATOR, Later("domain", "show")),
    Row("POST", "/settings/domain", ADMINISTRATOR, Later("domain", "save")),
    Row("POST", "/settings/domain/certificate", ADMINISTRATOR, Later("domain", "save_certificate")),
    Row("POST", "/settings/domain/certificate/remove", ADMINISTRATOR, Later("domain", "remove_certificate")),
    Row("POST", "/settings/domain/acme", ADMINISTRATOR, Later("domain", "save_acme")),
    Row("POST", "/settings/domain/acme/again", ADMINISTRATOR, Later("domain", "try_again")),
)
