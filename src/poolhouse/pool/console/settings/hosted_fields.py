"""
What an administrator is told of a pool's extended settings (``model.hosted``), setting by setting.

The console's page and the table in docs/page-settings.md are both made from this.
"""

from typing import Final

from poolhouse.pool.console.settings.extended import Field, Group
from poolhouse.pool.languages.tags import LANGUAGES

_TONGUES: Final = tuple((each.tag, each.name, "") for each in LANGUAGES.values())

GROUPS: Final = (
    Group("Help", "Where people turn who cannot sign in.", (
        Field("help_url", "text", "Address of help",
              "An https or mailto URL. Each hosted page links it at its foot."),
    )),
    Group("Devices", "A browser that people have had remembered is one of their devices.", (
        Field("remember_browsers", "switch", "Remember browsers",
              "Where device tracking trusts remembered devices, a browser in which a second factor was given is not"
              " asked for one again, for 90 days. The service's own pages never remember one."),
    )),
    Group("Sign-up", "What people are asked for who make an account.", (
        Field("sign_up_attributes", "rows", "Further attributes",
              "Asked for beside the required ones, and may be left out: birthdate, custom:team. An app client asks "
              "only for those that it may write."),
    )),
    Group("Bots", "A check before a form that makes an account or has a code sent.", (
        Field("bot_check", "select", "Check against bots",
              "A proof of work costs a browser a moment of computing and asks nobody else. A captcha is a widget of "
              "its provider, which sees who visits.",
              choices=(("off", "Off", ""), ("proof_of_work", "Proof of work", ""), ("captcha", "Captcha", ""))),
        Field("bot_check_when", "select", "Forms",
              "Sign-up, recovery and codes sent again always have it. A sign-in can have it once its address has "
              "failed a few times.",
              choices=(("sign_up", "Sign-up and recovery", ""),
                       ("after_failures", "Sign-in after failures, too", ""))),
        Field("bot_check_difficulty", "number", "Difficulty of the proof",
              "Bits, from 10 to 24; one more is twice the work. 16 takes a phone about half a second. Empty: 16."),
        Field("captcha_script", "text", "Script of the captcha",
              "The https URL that the provider gives for its widget."),
        Field("captcha_origins", "rows", "Further origins of the captcha",
              "What its widget loads scripts and frames from beside the origin of the script: "
              "https://newassets.example.com.", row="Origin"),
        Field("captcha_verify", "text", "Verification of the captcha",
              "The https URL at which the provider verifies an answer (siteverify)."),
        Field("captcha_site_key", "text", "Site key", "The public key that the provider gave."),
        Field("captcha_secret", "secret", "Secret of the captcha",
              "Kept sealed and never shown. Left empty, it stays as it is."),
        Field("captcha_field", "text", "Field of the answer",
              "cf-turnstile-response, h-captcha-response or g-recaptcha-response."),
    )),
    Group("Account page", "Where people look after their own account: the path /account of the pool's domain.", (
        Field("account_page", "select", "Account page",
              "By scope: it is there once an app client with hosted sign-in may have aws.cognito.signin.user.admin.",
              choices=(("by_scope", "By scope", ""), ("on", "On", ""), ("off", "Off", ""))),
        Field("account_client", "text", "App client of the account page",
              "The ID of the app client whose permissions hold there, and whose look it has. Empty: the oldest one."),
        Field("account_deletion", "switch", "Deleting accounts",
              "People may delete their own account there.", default=True),
    )),
    Group("Security notices", "E-mails to people of whose account something was changed.", (
        Field("security_notices", "select", "Security notices",
              "Of another password, email address, phone number, second step or passkey, of a remembered browser, of"
              " ended sessions, of deletion. They go to the address that was verified before. The service sends none.",
              choices=(("account_page", "Of changes at the account page", ""), ("on", "Of all changes", ""),
                       ("off", "Off", ""))),
    )),
    Group("Languages", "Visitors read the pages in the language that they or their browser ask for.", (
        Field("default_language", "select", "Default language",
              "For whoever asks for none of the offered ones.", choices=_TONGUES),
        Field("languages", "boxes", "Offered languages",
              "None chosen: all of them.", choices=_TONGUES),
    )),
)  # fmt: skip
