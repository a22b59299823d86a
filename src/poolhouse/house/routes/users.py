"""Admin Settings > Users, and what belongs to them."""

from poolhouse.house.admission import Access, Row
from poolhouse.house.pages import invited
from poolhouse.house.routes.row import Later

PUBLIC, ADMINISTRATOR, PEOPLE = Access.PUBLIC, Access.ADMINISTRATOR, Access.PEOPLE

ROUTES = (
    Row("GET", "/settings/groups", PEOPLE, Later("groups", "show_all")),
    Row("POST", "/settings/groups", PEOPLE, Later("groups", "add")),
    Row("GET", "/settings/groups/{id}", PEOPLE, Later("groups", "show")),
    Row("POST", "/settings/groups/{id}", PEOPLE, Later("groups", "change")),
    Row("POST", "/settings/groups/{id}/delete", PEOPLE, Later("groups", "delete")),
    Row("POST", "/settings/groups/{id}/members", PEOPLE, Later("groups", "put_member")),
    Row("POST", "/settings/groups/{id}/members/remove", PEOPLE, Later("groups", "take_member")),
    Row("POST", "/settings/groups/{id}/roles", PEOPLE, Later("groups", "give_role")),
    Row("POST", "/settings/groups/{id}/roles/remove", PEOPLE, Later("groups", "take_role")),
    Row("GET", "/settings/entry", ADMINISTRATOR, Later("entry", "show")),
    Row("POST", "/settings/entry", ADMINISTRATOR, Later("entry", "save")),
    Row("GET", "/settings/entry/rules", ADMINISTRATOR, Later("claim_rules", "show")),
    Row("POST", "/settings/entry/rules", ADMINISTRATOR, Later("claim_rules", "add")),
    Row("POST", "/settings/entry/rules/remove", ADMINISTRATOR, Later("claim_rules", "remove")),
    Row("POST", "/settings/entry/rules/preview", ADMINISTRATOR, Later("claim_rules", "preview")),
    Row("GET", "/settings/roles", PEOPLE, Later("roles", "show")),
    Row("POST", "/settings/roles/give", PEOPLE, Later("roles", "give")),
    Row("POST", "/settings/roles/take", PEOPLE, Later("roles", "take")),
    Row("GET", "/settings/invitations", PEOPLE, Later("invitations", "show")),
    Row("POST", "/settings/invitations", PEOPLE, Later("invitations", "send")),
    Row("POST", "/settings/invitations/{id}/again", PEOPLE, Later("invitations", "send_again")),
    Row("POST", "/settings/invitations/{id}/revoke", PEOPLE, Later("invitations", "revoke")),
    Row("GET", "/user/invitation", PUBLIC, invited.show),
    Row("POST", "/user/invitation", PUBLIC, invited.choose_password),
    Row("POST", "/user/invitation/accept", PUBLIC, invited.accept),
    Row("GET", "/settings/users", PEOPLE, Later("users", "show_all")),
    Row("GET", "/settings/users/{id}", PEOPLE, Later("users", "show")),
    Row("POST", "/settings/users/{id}/disable", PEOPLE, Later("users", "disable")),
    Row("POST", "/settings/users/{id}/enable", PEOPLE, Later("users", "enable")),
    Row("POST", "/settings/users/{id}/make-administrator", PEOPLE, Later("users", "make_administrator")),
    Row("POST", "/settings/users/{id}/remove-administrator", PEOPLE, Later("users", "remove_administrator")),
    Row("POST", "/settings/users/{id}/end-session", PEOPLE, Later("users", "end_session")),
    Row("POST", "/settings/users/{id}/end-sessions", PEOPLE, Later("users", "end_sessions")),
    Row("POST", "/settings/users/{id}/delete", PEOPLE, Later("users", "delete")),
    Row("GET", "/settings/who-is-in", PEOPLE, Later("presence", "show")),
    Row("POST", "/settings/who-is-in/end", PEOPLE, Later("presence", "end_one")),
    Row("POST", "/settings/who-is-in/end-person", PEOPLE, Later("presence", "end_person")),
    Row("POST", "/settings/who-is-in/end-everybody", ADMINISTRATOR, Later("presence", "end_everybody")),
    Row("GET", "/settings/provisioning", ADMINISTRATOR, Later("provisioning", "show")),
    Row("POST", "/settings/provisioning", ADMINISTRATOR, Later("provisioning", "save")),
    Row("POST", "/settings/provisioning/keys", ADMINISTRATOR, Later("provisioning", "make_key")),
    Row("POST", "/settings/provisioning/keys/{id}/revoke", ADMINISTRATOR, Later("provisioning", "revoke_key")),
)
