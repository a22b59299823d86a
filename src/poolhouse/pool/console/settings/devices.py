"""Device tracking (DeviceConfiguration)."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.console.form import Form, Problems, of
from poolhouse.pool.console.settings.checks import check_choice

CHOICES: Final = (
    ("always", "Always remember", "A device is remembered as soon as an app confirms it."),
    ("opt_in", "User opt-in", "An app asks the user whether to remember the device."),
    ("never", "Don't remember", "Devices are not tracked."),
)


def check(form: Form) -> Problems:
    problems: Problems = {}
    check_choice(form, "remember_devices", problems, tuple(value for value, _, _ in CHOICES))
    return problems


def setting(form: Form) -> dict[str, Any] | None:
    chosen = form.text("remember_devices")
    if chosen == "never":
        return None
    return {
        "ChallengeRequiredOnNewDevice": form.has("device_for_mfa"),
        "DeviceOnlyRememberedOnUserPrompt": chosen == "opt_in",
    }


def filled(pool: Mapping[str, Any]) -> Form:
    tracking = pool.get("DeviceConfiguration")
    if tracking is None:
        return of(remember_devices="never", device_for_mfa=False)
    chosen = "opt_in" if tracking.get("DeviceOnlyRememberedOnUserPrompt") else "always"
    return of(remember_devices=chosen, device_for_mfa=bool(tracking.get("ChallengeRequiredOnNewDevice")))


def in_words(form: Form) -> list[tuple[str, str]]:
    chosen = form.text("remember_devices")
    bypass = "Allowed" if form.has("device_for_mfa") else "Not allowed"
    return [
        ("Remember user devices", next(label for value, label, _ in CHOICES if value == chosen)),
        ("Trusted devices bypass MFA", "" if chosen == "never" else bypass),
    ]
