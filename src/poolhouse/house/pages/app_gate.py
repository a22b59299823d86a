"""The part of an app's form that says how the gateway serves it."""

from collections.abc import Mapping

from poolhouse.house.gate import Gate, Names, Policy
from poolhouse.house.pages.app_cors import cors_fields, read_cors
from poolhouse.house.pages.app_resource import read_resource, resource_fields
from poolhouse.house.rp.person import domain_key

MEGABYTE = 1_048_576
_SECONDS = range(1, 86_401)
_CHECK_SECONDS = range(5, 3_601)
_STATUSES = range(200, 600)
_LISTS = ("groups", "email_domains", "claims", "networks", "hours")
_NAMES = ("user", "email", "groups", "name", "assertion")


def read_gate(form: Mapping[str, str]) -> tuple[Gate | None, dict[str, str]]:
    """The gate, if the app is to have one, and what is wrong with numbers, by field name."""
    if form.get("gate") != "on":
        return None, {}
    errors: dict[str, str] = {}
    gate = Gate(
        upstream=form.get("upstream", "").strip(),
        replicas=tuple(_words(form.get("replicas", ""))),
        host_header=form.get("host_header", "").strip(),
        authority=form.get("authority", "").strip().replace("\r\n", "\n"),
        server_name=form.get("server_name", "").strip(),
        policy=read_policy(form),
        names=Names(**{name: form.get(f"name_{name}", "").strip() for name in _NAMES}),
        public_paths=tuple(_words(form.get("public_paths", ""))),
        allows_encoded_slash=form.get("allows_encoded_slash") == "on",
        answer_seconds=_number(form, "answer_seconds", errors, _SECONDS),
        idle_seconds=_number(form, "idle_seconds", errors, _SECONDS),
        body_bytes=_number(form, "body_megabytes", errors, range(1_048_577)) * MEGABYTE,
        maintenance=form.get("maintenance", "").strip(),
        token_header=form.get("token_header", "").strip(),
        told_groups=tuple(_words(form.get("told_groups", ""))),
        told_claims=tuple(_words(form.get("told_claims", ""))),
        rewrites=form.get("rewrites") == "on",
        check_path=form.get("check_path", "").strip(),
        check_seconds=_number(form, "check_seconds", errors, _CHECK_SECONDS),
        check_status=_number(form, "check_status", errors, _STATUSES),
        resource=read_resource(form),
        cors=read_cors(form, errors),
    )
    return gate, errors


def read_policy(form: Mapping[str, str]) -> Policy:
    """The rules, which are checked apart."""
    lists = {name: tuple(_words(form.get(name, ""))) for name in _LISTS}
    # @Example.com is written for example.com; what is no domain stays as it is, to be said.
    lists["email_domains"] = tuple(domain_key(each) or each for each in lists["email_domains"])
    return Policy(**lists, timezone=form.get("timezone", "").strip() or "UTC")


def policy_fields(policy: Policy) -> dict[str, str]:
    """The form's fields of the rules."""
    return {name: "\n".join(getattr(policy, name)) for name in _LISTS} | {"timezone": policy.timezone}


def gate_fields(gate: Gate | None) -> dict[str, str]:
    """The form's fields of a gate; of the defaults where there is none."""
    shown = gate or Gate()
    return {
        **policy_fields(shown.policy),
        **{f"name_{name}": getattr(shown.names, name) for name in _NAMES},
        "gate": "on" if gate is not None else "",
        "upstream": shown.upstream,
        "replicas": "\n".join(shown.replicas),
        "host_header": shown.host_header,
        "authority": shown.authority,
        "server_name": shown.server_name,
        "public_paths": "\n".join(shown.public_paths),
        "allows_encoded_slash": "on" if shown.allows_encoded_slash else "",
        "answer_seconds": str(shown.answer_seconds),
        "idle_seconds": str(shown.idle_seconds),
        "body_megabytes": str(shown.body_bytes // MEGABYTE),
        "maintenance": shown.maintenance,
        "token_header": shown.token_header,
        "told_groups": "\n".join(shown.told_groups),
        "told_claims": "\n".join(shown.told_claims),
        "rewrites": "on" if shown.rewrites else "",
        "check_path": shown.check_path,
        "check_seconds": str(shown.check_seconds),
        "check_status": str(shown.check_status),
        **resource_fields(shown.resource),
        **cors_fields(shown.cors),
    }


def _words(text: str) -> list[str]:
    """One in each line."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _number(form: Mapping[str, str], name: str, errors: dict[str, str], allowed: range) -> int:
    text = form.get(name, "").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) not in allowed:
        errors[name] = f"A whole number from {allowed.start} to {allowed.stop - 1}."
        return allowed.start
    return int(text)
