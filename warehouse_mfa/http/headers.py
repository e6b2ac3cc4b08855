"""The headers of every answer."""

from collections.abc import Callable

from pyramid.registry import Registry
from pyramid.request import Request
from pyramid.response import Response

from warehouse_mfa.settings import Settings

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
PERMISSIONS_POLICY = ", ".join(
    [
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
        *(
            f"{feature}=()"
            for feature in (
                "accelerometer",
                "camera",
                "display-capture",
                "geolocation",
                "gyroscope",
                "magnetometer",
                "microphone",
                "midi",
                "payment",
                "usb",
            )
        ),
    ]
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
    # Pages depend on who is asking; static files say otherwise themselves.
    "Cache-Control": "no-store",
}
STRICT_TRANSPORT = "max-age=63072000; includeSubDomains"


def headers_for(settings: Settings) -> dict[str, str]:
    """Return the headers of every answer of a site."""
    if settings.is_https:
        return {**HEADERS, "Strict-Transport-Security": STRICT_TRANSPORT}
    return dict(HEADERS)


def headers_tween(
    handler: Callable[[Request], Response], registry: Registry
) -> Callable[[Request], Response]:
    """Add the headers, where an answer has not set its own."""
    headers = [
        (name.lower(), (name, value)) for name, value in headers_for(registry["settings"]).items()
    ]

    def add(request: Request) -> Response:
        response = handler(request)
        # WebOb would look through all headers for each of ours.
        given = {name.lower() for name, _ in response.headerlist}
        response.headerlist.extend([header for name, header in headers if name not in given])
        return response

    return add
