"""
Features that a pool's tier does not have (AWS API: UserPoolTier).

DEVIATION: a tier is a price, and there is none here: it is kept and shown, and gates its features in strict mode only.
Each caller asks ``strict`` first.
"""

from collections.abc import Iterable

from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.core.settings import acr
from poolhouse.pool.spec.shapes import GetUserPoolMfaConfigResponse, UserPoolType

LITE = "LITE"
PLUS = "PLUS"
STEP_UP = "Step-Up Authentication"


def check_tier(settings: UserPoolType, mfa: GetUserPoolMfaConfigResponse) -> Refusal | None:
    """Refuse features above the tier of the pool; all of them are named in one text."""
    above = []
    if settings.user_pool_tier != PLUS and _has_threat_protection(settings):
        above.append("Threat Protection")
    if settings.user_pool_tier == LITE:
        above += _above_lite(settings, mfa)
    return unavailable(str(settings.user_pool_tier), above)


def unavailable(tier: str, features: Iterable[str]) -> Refusal | None:
    """The refusal of *features*; None when there are none."""
    named = ", ".join(features)
    if not named:
        return None
    return Refusal(
        "FeatureUnavailableInTierException",
        f"The following features need to be disabled for the {tier} pricing tier configured: {named}",
    )


def _has_threat_protection(settings: UserPoolType) -> bool:
    add_ons = settings.user_pool_add_ons
    return add_ons is not None and (
        add_ons.advanced_security_mode != "OFF" or add_ons.advanced_security_additional_flows is not None
    )


def _above_lite(settings: UserPoolType, mfa: GetUserPoolMfaConfigResponse) -> list[str]:
    features = []
    policies, triggers = settings.policies, settings.lambda_config
    sign_in = policies.sign_in_policy if policies else None
    if sign_in is not None and set(sign_in.allowed_first_auth_factors or []) - {"PASSWORD"}:
        features.append("Passwordless Sign-In")
    if policies is not None and policies.password_policy is not None and policies.password_policy.password_history_size:
        features.append("Password History")
    token_trigger = triggers.pre_token_generation_config if triggers else None
    if token_trigger is not None and token_trigger.lambda_version != "V1_0":
        features.append(f"Token Customization with Pre-Token Generation Lambda {token_trigger.lambda_version}")
    if mfa.email_mfa_configuration is not None:
        features.append("Email MFA")
    if settings.dcr_configuration is not None and settings.dcr_configuration.enable_status != "Disabled":
        features.append("Dynamic Client Registration")
    if acr.names(settings) != acr.DEFAULTS:
        features.append(STEP_UP)
    return features
