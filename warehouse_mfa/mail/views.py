"""The mailbox page: in development, the mails that were sent."""

from dataclasses import asdict
from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from warehouse_mfa.http import wants_json
from warehouse_mfa.mail.interfaces import IOutbox

MOST = 100


@view_config(
    route_name="mail.mailbox",
    request_method="GET",
    renderer="mail/mailbox.html",
    permission=NO_PERMISSION_REQUIRED,
)
def mailbox(request: Request) -> dict[str, Any] | Response:
    """Show the mails, newest first; as JSON where that is asked."""
    mails = request.find_service(IOutbox).latest(MOST)
    if wants_json(request):
        return Response(
            json_body=[{**asdict(mail), "sent": mail.sent.isoformat()} for mail in mails]
        )
    return {"mails": mails}
