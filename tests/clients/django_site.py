"""
A Django project with two relying parties, mozilla-django-oidc and Authlib, each with the least that it can be told.

    python -m tests.clients.django_site '{"issuer": ..., "client_id": ..., "client_secret": ..., "port": ..., "folder": ...}'

A process of its own: Django's settings are those of a process.
"""

import json
import sys
import urllib.request
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import include, path

GIVEN = json.loads(sys.argv[1])
HERE = f"http://localhost:{GIVEN['port']}"
with urllib.request.urlopen(f"{GIVEN['issuer']}/.well-known/openid-configuration") as reply:
    FOUND = json.load(reply)


def leave(request: Any) -> str:
    """Where mozilla-django-oidc sends a browser that signs out: to RP-Initiated Logout, which it leaves to the app."""
    hint = request.session["oidc_id_token"]
    return f"{FOUND['end_session_endpoint']}?id_token_hint={hint}&post_logout_redirect_uri={HERE}/"


settings.configure(
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="of-a-test-" * 5,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{GIVEN['folder']}/django.db"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "mozilla_django_oidc",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "mozilla_django_oidc.middleware.SessionRefresh",
    ],
    AUTHENTICATION_BACKENDS=["mozilla_django_oidc.auth.OIDCAuthenticationBackend"],
    LOGIN_REDIRECT_URL="/mozilla/",
    LOGOUT_REDIRECT_URL="/",
    OIDC_RP_CLIENT_ID=GIVEN["client_id"],
    OIDC_RP_CLIENT_SECRET=GIVEN["client_secret"],
    OIDC_RP_SIGN_ALGO="RS256",
    OIDC_RP_SCOPES="openid email profile",
    OIDC_USE_PKCE=True,
    OIDC_OP_AUTHORIZATION_ENDPOINT=FOUND["authorization_endpoint"],
    OIDC_OP_TOKEN_ENDPOINT=FOUND["token_endpoint"],
    OIDC_OP_USER_ENDPOINT=FOUND["userinfo_endpoint"],
    OIDC_OP_JWKS_ENDPOINT=FOUND["jwks_uri"],
    OIDC_OP_LOGOUT_URL_METHOD=f"{__name__}.leave",
    OIDC_STORE_ID_TOKEN=True,
    ALLOW_LOGOUT_GET_METHOD=True,
    OIDC_EXEMPT_URLS=["/", "/mozilla/later/"],
    AUTHLIB_OAUTH_CLIENTS={"pool": {"client_id": GIVEN["client_id"], "client_secret": GIVEN["client_secret"]}},
)  # fmt: skip
django.setup()
pool = OAuth().register(
    "pool",
    server_metadata_url=f"{GIVEN['issuer']}/.well-known/openid-configuration",
    client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256"},
)


def front(_: Any) -> HttpResponse:
    return HttpResponse("Nobody is here.")


def mozilla_later(request: Any) -> HttpResponse:
    """A quarter of an hour later: the library asks the provider again, by prompt=none."""
    request.session["oidc_id_token_expiration"] = 0
    return HttpResponseRedirect("/mozilla/")


def mozilla(request: Any) -> HttpResponse:
    return JsonResponse({"email": getattr(request.user, "email", None)})


def authlib_login(request: Any) -> HttpResponse:
    return pool.authorize_redirect(request, f"{HERE}/authlib/callback")


def authlib_callback(request: Any) -> HttpResponse:
    """Authlib checks state, signature, issuer, audience, times, nonce and at_hash."""
    tokens = pool.authorize_access_token(request)
    request.session["tokens"] = {name: tokens[name] for name in ("id_token", "refresh_token")}
    return JsonResponse({"claims": tokens["userinfo"], "userinfo": pool.userinfo(token=tokens)})


def authlib_refresh(request: Any) -> HttpResponse:
    held = request.session["tokens"]["refresh_token"]
    tokens = pool.fetch_access_token(grant_type="refresh_token", refresh_token=held)
    return JsonResponse({"claims": pool.parse_id_token(tokens, nonce=None), "userinfo": pool.userinfo(token=tokens)})


def authlib_logout(request: Any) -> HttpResponse:
    return pool.logout_redirect(request, f"{HERE}/authlib/gone", request.session["tokens"]["id_token"])


def authlib_gone(request: Any) -> HttpResponse:
    pool.validate_logout_response(request)
    request.session.flush()
    return front(request)


urlpatterns = [
    path("", front),
    path("oidc/", include("mozilla_django_oidc.urls")),
    path("mozilla/", mozilla),
    path("mozilla/later/", mozilla_later),
    path("authlib/login", authlib_login),
    path("authlib/callback", authlib_callback),
    path("authlib/refresh", authlib_refresh),
    path("authlib/logout", authlib_logout),
    path("authlib/gone", authlib_gone),
]


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """The test's output is no access log."""


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    make_server("127.0.0.1", GIVEN["port"], get_wsgi_application(), handler_class=Quiet).serve_forever()
