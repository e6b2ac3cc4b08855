"""What this site keeps about a person, as a file for that person."""

import json
from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from warehouse_mfa.accounts.interfaces import IAccountExportService
from warehouse_mfa.authz import Permission

SCHEMA = "schemas/account.json"


@view_defaults(
    route_name="profile.export", permission=Permission.ACCOUNT_READ, require_step_up=True
)
class ExportPage:
    def __init__(self, request: Request) -> None:
        self.request = request

    @view_config(request_method="GET", renderer="profile/export.html")
    def show(self) -> dict[str, Any]:
        return {}

    @view_config(request_method="POST")
    def download(self) -> Response:
        exports: IAccountExportService = self.request.find_service(IAccountExportService)
        settings = self.request.registry["settings"]
        schema = {"$schema": settings.origin + self.request.static(SCHEMA)}
        text = json.dumps(
            {**schema, **exports.export(self.request.identity)}, ensure_ascii=False, indent=2
        )
        return Response(
            text.encode(),
            content_type="application/json",
            content_disposition=f'attachment; filename="{self.request.identity.username}.json"',
        )
