"""Admin Settings > Users, and what belongs to them."""

from poolhouse.house.admission import Access, Row
from poolhouse.house.pages import claim_rules, entry, groups, invitations, invited, provisioning, roles, users

PUBLIC, ADMINISTRATOR, PEOPLE = Access.PUBLIC, Access.ADMINISTRATOR, Access.PEOPLE

ROUTES = (
    Row("GET", "/settings/groups", PEOPLE, groups.show_all),
    Row("POST", "/settings/groups", PEOPLE, groups.add),
    Row("GET", "/settings/groups/{id}", PEOPLE, groups.show),
    Row("POST", "/settings/groups/{id}", PEOPLE, groups.change),
    Row("POST", "/settings/groups/{id}/delete", PEOPLE, groups.delete),
    Row("POST", "/settings/groups/{id}/members", PEOPLE, groups.put_member),
    Row("POST", "/settings/groups/{id}/members/remove", PEOPLE, groups.take_member),
    Row("POST", "/settings/groups/{id}/roles", PEOPLE, groups.give_role),
    Row("POST", "/settings/groups/{id}/roles/remove", PEOPLE, groups.take_role),
    Row("GET", "/settings/entry", ADMINISTRATOR, entry.show),
    Row("POST", "/settings/entry", ADMINISTRATOR, entry.save),
    Row("GET", "/settings/entry/rules", ADMINISTRATOR, claim_rules.show),
    Row("POST", "/settings/entry/rules", ADMINISTRATOR, claim_rules.add),
    Row("POST", "/settings/entry/rules/remove", ADMINISTRATOR, claim_rules.remove),
    Row("POST", "/settings/entry/rules/preview", ADMINISTRATOR, claim_rules.preview),
    Row("GET", "/settings/roles", PEOPLE, roles.show),
    Row("POST", "/settings/roles/give", PEOPLE, roles.give),
    Row("POST", "/settings/roles/take", PEOPLE, roles.take),
    Row("GET", "/settings/invitations", PEOPLE, invitations.show),
    Row("POST", "/settings/invitations", PEOPLE, invitations.send),
    Row("POST", "/settings/invitations/{id}/again", PEOPLE, invitations.send_again),
    Row("POST", "/settings/invitations/{id}/revoke", PEOPLE, invitations.revoke),
    Row("GET", "/user/invitation", PUBLIC, invited.show),
    Row("POST", "/user/invitation", PUBLIC, invited.choose_password),
    Row("POST", "/user/invitation/accept", PUBLIC, invited.accept),
    Row("GET", "/settings/users", PEOPLE, users.show_all),
    Row("GET", "/settings/users/{id}", PEOPLE, users.show),
    Row("POST", "/settings/users/{id}/disable", PEOPLE, users.disable),
    Row("POST", "/settings/users/{id}/enable", PEOPLE, users.enable),
    Row("POST", "/settings/users/{id}/make-administrator", PEOPLE, users.make_administrator),
    Row("POST", "/settings/users/{id}/remove-administrator", PEOPLE, users.remove_administrator),
    Row("POST", "/settings/users/{id}/end-session", PEOPLE, users.end_session),
    Row("POST", "/settings/users/{id}/end-sessions", PEOPLE, users.end_sessions),
    Row("POST", "/settings/users/{id}/delete", PEOPLE, users.delete),
    Row("GET", "/settings/provisioning", ADMINISTRATOR, provisioning.show),
    Row("POST", "/settings/provisioning", ADMINISTRATOR, provisioning.save),
    Row("POST", "/settings/provisioning/keys", ADMINISTRATOR, provisioning.make_key),
    Row("POST", "/settings/provisioning/keys/{id}/revoke", ADMINISTRATOR, provisioning.revoke_key),
)
