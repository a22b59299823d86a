"""Fixed lists that pages offer, in the words of Amazon Cognito's console."""

from typing import Final

Pairs = tuple[tuple[str, str], ...]

REGIONS: Final[Pairs] = (
    ("us-east-1", "US East (N. Virginia)"),
    ("us-east-2", "US East (Ohio)"),
    ("us-west-1", "US West (N. California)"),
    ("us-west-2", "US West (Oregon)"),
    ("af-south-1", "Africa (Cape Town)"),
    ("ap-east-1", "Asia Pacific (Hong Kong)"),
    ("ap-south-1", "Asia Pacific (Mumbai)"),
    ("ap-south-2", "Asia Pacific (Hyderabad)"),
    ("ap-southeast-1", "Asia Pacific (Singapore)"),
    ("ap-southeast-2", "Asia Pacific (Sydney)"),
    ("ap-southeast-3", "Asia Pacific (Jakarta)"),
    ("ap-southeast-4", "Asia Pacific (Melbourne)"),
    ("ap-southeast-5", "Asia Pacific (Malaysia)"),
    ("ap-southeast-7", "Asia Pacific (Thailand)"),
    ("ap-northeast-1", "Asia Pacific (Tokyo)"),
    ("ap-northeast-2", "Asia Pacific (Seoul)"),
    ("ap-northeast-3", "Asia Pacific (Osaka)"),
    ("ca-central-1", "Canada (Central)"),
    ("ca-west-1", "Canada West (Calgary)"),
    ("eu-central-1", "Europe (Frankfurt)"),
    ("eu-central-2", "Europe (Zurich)"),
    ("eu-west-1", "Europe (Ireland)"),
    ("eu-west-2", "Europe (London)"),
    ("eu-west-3", "Europe (Paris)"),
    ("eu-north-1", "Europe (Stockholm)"),
    ("eu-south-1", "Europe (Milan)"),
    ("eu-south-2", "Europe (Spain)"),
    ("il-central-1", "Israel (Tel Aviv)"),
    ("me-central-1", "Middle East (UAE)"),
    ("me-south-1", "Middle East (Bahrain)"),
    ("mx-central-1", "Mexico (Central)"),
    ("sa-east-1", "South America (São Paulo)"),
)
ATTRIBUTES: Final[Pairs] = (
    ("address", "address"),
    ("birthdate", "birthdate"),
    ("email", "email"),
    ("family_name", "family_name"),
    ("gender", "gender"),
    ("given_name", "given_name"),
    ("locale", "locale"),
    ("middle_name", "middle_name"),
    ("name", "name"),
    ("nickname", "nickname"),
    ("phone_number", "phone_number"),
    ("picture", "picture"),
    ("preferred_username", "preferred_username"),
    ("profile", "profile"),
    ("updated_at", "updated_at"),
    ("website", "website"),
    ("zoneinfo", "zoneinfo"),
)
"""The standard attributes that a pool may require."""

ATTRIBUTE_TYPES: Final[Pairs] = (
    ("String", "String"),
    ("Number", "Number"),
    ("DateTime", "DateTime"),
    ("Boolean", "Boolean"),
)
AUTH_FLOWS: Final[Pairs] = (
    ("ALLOW_USER_SRP_AUTH", "Secure Remote Password: the password is proved, never sent"),
    ("ALLOW_USER_PASSWORD_AUTH", "User name and password, sent by the app"),
    ("ALLOW_ADMIN_USER_PASSWORD_AUTH", "User name and password, sent by your server with AWS credentials"),
    ("ALLOW_CUSTOM_AUTH", "Steps that Lambda triggers define"),
    ("ALLOW_USER_AUTH", "Choice of the first factor at sign-in"),
    ("ALLOW_REFRESH_TOKEN_AUTH", "New tokens for a refresh token"),
    ("ALLOW_TOKEN_EXCHANGE_IMPERSONATION", "Token exchange: a token of the user, for another service"),
    ("ALLOW_TOKEN_EXCHANGE_DELEGATION", "Token exchange that names who acts for the user"),
    ("ALLOW_CLIENT_TOKEN_AUTH", "Tokens for the client itself by GetClientToken, and no other flow"),
)
GRANTS: Final[Pairs] = (
    ("code", "Authorization code grant"),
    ("implicit", "Implicit grant"),
    ("client_credentials", "Client credentials"),
)
SCOPES: Final[Pairs] = (
    ("openid", "OpenID"),
    ("email", "Email"),
    ("phone", "Phone"),
    ("profile", "Profile"),
    ("aws.cognito.signin.user.admin", "aws.cognito.signin.user.admin"),
)
TIME_UNITS: Final[Pairs] = (("minutes", "minutes"), ("hours", "hours"), ("days", "days"), ("seconds", "seconds"))
SEARCHES: Final[Pairs] = (
    ("username", "User name"),
    ("email", "Email address"),
    ("phone_number", "Phone number"),
    ("name", "Name"),
    ("given_name", "Given name"),
    ("family_name", "Family name"),
    ("preferred_username", "Preferred user name"),
    ("sub", "User ID (sub)"),
    ("cognito:user_status", "Confirmation status"),
    ("status", "Status"),
)
TRIGGERS: Final[Pairs] = (
    ("PreSignUp", "Pre sign-up"),
    ("PostConfirmation", "Post confirmation"),
    ("PreAuthentication", "Pre authentication"),
    ("PostAuthentication", "Post authentication"),
    ("PreTokenGeneration", "Pre token generation"),
    ("UserMigration", "Migrate user"),
    ("CustomMessage", "Custom message"),
    ("CustomEmailSender", "Custom email sender"),
    ("CustomSMSSender", "Custom SMS sender"),
    ("DefineAuthChallenge", "Define auth challenge"),
    ("CreateAuthChallenge", "Create auth challenge"),
    ("VerifyAuthChallengeResponse", "Verify auth challenge response"),
    ("InboundFederation", "Inbound federation"),
)


def regions(own: str) -> dict[str, str]:
    """Regions by code; the server's own one may have a name that AWS does not have."""
    known = dict(REGIONS)
    return known if own in known else {own: "This server", **known}


def label(pairs: Pairs, value: str) -> str:
    """The label of *value*; the value itself where the list does not have it."""
    return dict(pairs).get(value, value)


def labels(pairs: Pairs, values: list[str] | None) -> str:
    """Labels in the order of the list, for one line."""
    chosen = list(values or [])
    known = [text for value, text in pairs if value in chosen]
    return ", ".join([*known, *(value for value in chosen if value not in dict(pairs))])
