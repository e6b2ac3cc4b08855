"""JSON answers, in the two shapes of the contract."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from warehouse_mfa.i18n.rendering import translate

JSON_ENDINGS = ("/options", "/validate", "/accepted", "/state", ".json")


def wants_json(request: Request) -> bool:
    """Tell whether the answer should be JSON: it was asked for, or the path gives nothing else."""
    return "application/json" in request.headers.get("Accept", "") or request.path.endswith(
        JSON_ENDINGS
    )


def success(request: Request, message: Any, redirect_to: str) -> Response:
    """Return `{"success": …, "redirect_to": …}`."""
    return Response(
        json_body={
            "success": translate(message, request.localizer),
            "redirect_to": redirect_to,
        }
    )


def fail(
    request: Request, status: int, message: Any, reason: str, redirect_to: str | None = None
) -> Response:
    """Return `{"fail": {"errors": […], "reason": …}}` with a 4xx or 5xx status."""
    body: dict[str, Any] = {
        "fail": {"errors": [translate(message, request.localizer)], "reason": reason}
    }
    if redirect_to is not None:
        body["fail"]["redirect_to"] = redirect_to
    return Response(json_body=body, status=status)
