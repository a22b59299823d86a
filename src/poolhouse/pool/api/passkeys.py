"""Operations of a signed-in user on his passkeys."""

from poolhouse.pool.api.callers import signed_in_by
from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.paging import page
from poolhouse.pool.api.seen import scene_of
from poolhouse.pool.api.views import date
from poolhouse.pool.core.passkeys import MOST
from poolhouse.pool.flows import passkeys
from poolhouse.pool.model.passkey import Passkey
from poolhouse.pool.spec import shapes


@operation
async def start_web_authn_registration(
    call: Call, request: shapes.StartWebAuthnRegistrationRequest
) -> shapes.StartWebAuthnRegistrationResponse:
    signed_in = await signed_in_by(call, request.access_token)
    return shapes.StartWebAuthnRegistrationResponse(
        credential_creation_options=await passkeys.start(call.ctx, passkeys.owner_of(signed_in))
    )


@operation
async def complete_web_authn_registration(
    call: Call, request: shapes.CompleteWebAuthnRegistrationRequest
) -> shapes.CompleteWebAuthnRegistrationResponse:
    signed_in = await signed_in_by(call, request.access_token)
    await passkeys.complete(call.ctx, passkeys.owner_of(signed_in), request.credential, scene=scene_of(call, signed_in))
    return shapes.CompleteWebAuthnRegistrationResponse()


@operation
async def list_web_authn_credentials(
    call: Call, request: shapes.ListWebAuthnCredentialsRequest
) -> shapes.ListWebAuthnCredentialsResponse:
    signed_in = await signed_in_by(call, request.access_token)
    found, token = await page(
        call,
        lambda after, count: passkeys.list_own(call.ctx, signed_in.user, after, count),
        asked=(signed_in.user.pool_id, signed_in.user.sub),
        key=lambda passkey: passkey.id,
        token=request.next_token,
        limit=request.max_results or MOST,
    )
    return shapes.ListWebAuthnCredentialsResponse(credentials=[_view(each) for each in found], next_token=token)


@operation
async def delete_web_authn_credential(
    call: Call, request: shapes.DeleteWebAuthnCredentialRequest
) -> shapes.DeleteWebAuthnCredentialResponse:
    signed_in = await signed_in_by(call, request.access_token)
    await passkeys.delete(
        call.ctx, signed_in.entry.pool, signed_in.user, request.credential_id, scene=scene_of(call, signed_in)
    )
    return shapes.DeleteWebAuthnCredentialResponse()


def _view(passkey: Passkey) -> shapes.WebAuthnCredentialDescription:
    return shapes.WebAuthnCredentialDescription(
        credential_id=passkey.id,
        friendly_credential_name=passkey.name,
        relying_party_id=passkey.relying_party,
        authenticator_transports=list(passkey.transports),
        created_at=date(passkey.created_ms),
        authenticator_attachment=passkey.attachment,
    )
