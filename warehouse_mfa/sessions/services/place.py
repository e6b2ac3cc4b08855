"""What sessions and devices have in common: where they are, and how long their secrets."""

from pyramid.request import Request

SECRET_BYTES = 32  # ASVS 5.0 7.2.3 asks for 128 bits


def place_of(request: Request) -> dict[str, str | None]:
    return {"address": request.remote_addr, "agent": request.agent}
