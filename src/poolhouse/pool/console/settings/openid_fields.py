"""
What an administrator is told of an app client's extended settings (``model.openid``), setting by setting.

The console's page and the table in docs/openid.md are both made from this.
"""

from typing import Final

from poolhouse.pool.console.settings.extended import Choice, Field, Group
from poolhouse.pool.core import assurance
from poolhouse.pool.core.proof_algorithms import ASYMMETRIC, SYMMETRIC


def _plain(values: tuple[str, ...], first: str = "") -> tuple[Choice, ...]:
    return (*([("", first, "")] if first else []), *((value, value, "") for value in values))


_SIGNATURES: Final = ("RS256", "ES256", "EdDSA")

GROUPS: Final = (
    Group("Answers", "", (
        Field("dialect", "cards", "Dialect",
              "Where Amazon Cognito and the standards differ, who is right for this app.",
              choices=(
                  ("cognito", "Amazon Cognito", "For apps made for Cognito: claims, types and errors as it has them."),
                  ("openid", "OpenID Connect", "For standard libraries: types and errors as the standards have them."),
              )),
        Field("profile", "select", "Security profile",
              "FAPI 2.0 is for payments and records: it refuses what is weaker among the settings below.",
              "FAPI 2.0 Security Profile", (("", "None", ""), ("fapi2", "FAPI 2.0 Security Profile", ""))),
        Field("subject_type", "select", "Users are known to the app",
              "By a name of their own, no other owner's apps can find out that two users are one. A change makes all "
              "users new ones to the app.", "OIDC Core 8", (
                  ("public", "By their sub, as to all apps", ""),
                  ("pairwise", "By a name that only apps of its host hear (pairwise)", ""),
              )),
        Field("sector_identifier_uri", "text", "Apps of one owner",
              "Address of a JSON list with the callback URLs of all apps that are to know users by the same names. "
              "Needed where callback URLs have several hosts.", "OIDC Core 8.1"),
        Field("sector_identifier", "text", "Host that the names are made for",
              "Filled in by itself. With another one all users are new ones to the app.", "ours"),
        Field("id_token_signed_response_alg", "select", "Signature of ID tokens",
              "RS256 is what every library verifies.", "OIDC Registration", _plain(_SIGNATURES)),
        Field("userinfo_signed_response_alg", "select", "Signature of UserInfo",
              "Signed, the answer is a JWT instead of JSON.", "OIDC Core 5.3.2", _plain(_SIGNATURES, "Not signed")),
    )),
    Group("Consent", "What people are told of an app that others have made.", (
        Field("third_party", "switch", "Ask people for consent",
              "Each person is asked once whether the app may know what it asks for.", "OIDC Core 3.1.2.4"),
        Field("client_uri", "text", "Home page", "The app's own page.", "RFC 7591"),
        Field("logo_uri", "text", "Logo",
              "A PNG or JPEG, fetched once, when this is saved, and shown when people are asked.", "RFC 7591"),
        Field("policy_uri", "text", "Privacy policy", "Linked when people are asked.", "RFC 7591"),
        Field("tos_uri", "text", "Terms of service", "Linked when people are asked.", "RFC 7591"),
        Field("contacts", "rows", "Contacts", "E-mail addresses of the people who run the app.", "RFC 7591",
              row="E-mail address"),
    )),
    Group("Proof", "How the app proves that it is itself, wherever it asks for tokens.", (
        Field("token_endpoint_auth_method", "select", "Client authentication",
              "The app may use this way and no other.", "OIDC Core 9, RFC 8705", (
                  ("", "By its secret, if it has one", ""),
                  ("client_secret_basic", "Secret, in a header (client_secret_basic)", ""),
                  ("client_secret_post", "Secret, in the form (client_secret_post)", ""),
                  ("client_secret_jwt", "JWT signed with the secret (client_secret_jwt)", ""),
                  ("private_key_jwt", "JWT signed with the app's own key (private_key_jwt)", ""),
                  ("tls_client_auth", "TLS certificate with a certain subject (tls_client_auth)", ""),
                  ("self_signed_tls_client_auth", "TLS certificate of its own keys (self_signed_tls_client_auth)", ""),
                  ("none", "None: a public client (none)", ""),
              )),
        Field("token_endpoint_auth_signing_alg", "select", "Signature of the JWT",
              "For the two ways with a JWT.", "OIDC Registration",
              _plain((*ASYMMETRIC, *SYMMETRIC), "Any that is good")),
        Field("jwks_uri", "text", "Address of the app's keys",
              "The app can change its keys there at any time.", "RFC 7591"),
        Field("jwks", "json", "The app's keys",
              "Public keys as a JSON Web Key Set, where the app has no address for them.", "RFC 7591"),
        Field("tls_client_auth_subject_dn", "text", "Subject of the certificate",
              "As RFC 4514 writes it, such as CN=app,O=Example.", "RFC 8705 2.1.2"),
    )),
    Group("Requests", "What the app has to do when it asks for somebody's sign-in.", (
        Field("require_pkce", "switch", "Require PKCE",
              "A stolen code is worth nothing then. Public clients of the dialect OpenID Connect need it in any case.",
              "RFC 7636"),
        Field("require_pushed_authorization_requests", "switch", "Require pushed requests",
              "The request goes to the server directly, and the browser carries a reference only.", "RFC 9126"),
        Field("require_signed_request_object", "switch", "Require signed requests",
              "The request is a JWT that the app has signed.", "RFC 9101"),
        Field("request_object_signing_alg", "select", "Signature of requests",
              "For requests that are JWTs.", "OIDC Registration", _plain(ASYMMETRIC, "Any that is good")),
        Field("default_max_age", "number", "Oldest sign-in, in seconds",
              "Whoever signed in longer ago signs in again. Left empty, any session will do.", "OIDC Registration"),
        Field("require_auth_time", "switch", "Always tell the time of the sign-in",
              "ID tokens have auth_time, whether or not it was asked for.", "OIDC Registration"),
        Field("default_acr_values", "boxes", "Assurance that the app prefers",
              "Told to the app as acr; the first that a sign-in reaches.", "OIDC Registration", (
                  (assurance.PHISHING_RESISTANT, "Passkey (phr)", ""),
                  (assurance.TWO_FACTORS, f"Two factors ({assurance.TWO_FACTORS})", ""),
                  (assurance.ONE_FACTOR, f"One factor ({assurance.ONE_FACTOR})", ""),
              )),
    )),
    Group("Tokens", "What the app's tokens are good for, and in whose hands.", (
        Field("dpop_bound_access_tokens", "switch", "Bind tokens to a key (DPoP)",
              "A stolen token is worth nothing without the app's key. The app's library has to support DPoP.",
              "RFC 9449"),
        Field("require_dpop_nonce", "switch", "Require nonces in DPoP proofs",
              "A proof that was made in advance is worth nothing. The app's library has to support it.",
              "RFC 9449 8"),
        Field("access_token_signed_response_alg", "select", "Signature of access tokens",
              "RS256 is what every API verifies.", "ours", _plain(_SIGNATURES)),
        Field("access_token_typ", "select", "Type of access tokens",
              "With at+jwt an API can tell them from ID tokens by their header; they always have an audience.",
              "RFC 9068", _plain(("at+jwt",), "None, as in Cognito")),
        Field("tls_client_certificate_bound_access_tokens", "switch", "Bind tokens to the TLS certificate",
              "A stolen token is worth nothing without the app's certificate.", "RFC 8705 3"),
        Field("extra_grants", "boxes", "More grants", "Besides those of the card Hosted UI.", "RFC 8628, RFC 8693", (
            ("urn:ietf:params:oauth:grant-type:device_code", "Devices without a browser (device code)", ""),
            ("urn:ietf:params:oauth:grant-type:token-exchange", "Token exchange", ""),
        )),
        Field("resources", "rows", "Resources",
              "URIs of APIs that the app may ask for tokens for, besides the pool's resource servers.", "RFC 8707",
              row="URI"),
        Field("withheld_scopes", "rows", "Withheld scopes",
              "Scopes that the app does not get back by changing its own registration.", "ours", row="Scope"),
    )),
    Group("Sign-out", "How the app learns that somebody has signed out elsewhere.", (
        Field("backchannel_logout_uri", "text", "Back-channel logout URL",
              "The server calls it when a session ends.", "OIDC Back-Channel Logout"),
        Field("backchannel_logout_session_required", "switch", "Name the session in the back-channel call",
              "For apps that keep several sessions of a person apart.", "OIDC Back-Channel Logout"),
        Field("backchannel_logout_at_expiry", "switch", "Call at the end of every session",
              "Also when a session is over because its time is up, and not only when somebody signs out.",
              "ours"),
        Field("frontchannel_logout_uri", "text", "Front-channel logout URL",
              "The person's browser opens it, unseen, when a session ends.", "OIDC Front-Channel Logout"),
        Field("frontchannel_logout_session_required", "switch", "Name the session in the front-channel call",
              "It is always named; apps that insist on it may say so.", "OIDC Front-Channel Logout"),
    )),
)  # fmt: skip
