"""Who we are, for both ceremonies."""

from pyramid.request import Request

from warehouse_mfa.webauthn.ceremony import RelyingParty


def relying_party(request: Request) -> RelyingParty:
    """Return the relying party that the settings describe."""
    settings = request.registry["settings"]
    return RelyingParty(settings.relying_party_id, settings.site_name, settings.origin)
