"""The security history: a page, and two files."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import Any

from pyramid.request import Request
from pyramid.response import FileIter, Response
from pyramid.view import view_config, view_defaults

from warehouse_mfa.authz import Permission
from warehouse_mfa.events.interfaces import IEventHistory, Selection
from warehouse_mfa.factors.interfaces import IFactorService
from warehouse_mfa.http import SeeOther, fail
from warehouse_mfa.i18n.rendering import translate
from warehouse_mfa.i18n.zones import time_zone_of
from warehouse_mfa.profile.forms import HistoryForm
from warehouse_mfa.profile.history import line_of, selection_of
from warehouse_mfa.profile.history_file import as_csv, as_json, row_of
from warehouse_mfa.profile.paging import place

LARGEST_IN_MEMORY = 1024 * 1024


@view_defaults(request_method="GET", permission=Permission.ACCOUNT_READ)
class HistoryPage:
    """What happened to one's own account, newest first."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.history: IEventHistory = request.find_service(IEventHistory)
        self.before = place(request.GET.get("before"))
        self.form = HistoryForm(request.GET)

    @view_config(route_name="profile.history", renderer="profile/history.html")
    def show(self) -> dict[str, Any]:
        is_valid = self.form.validate()
        if not is_valid:
            self.request.response.status_int = 422
        # What cannot be read narrows nothing down: the page says so, and shows what there is.
        selection = self._selection() if is_valid else Selection()
        page = self.history.page(self.request.identity.user_id, self.before, selection)
        titles = self._titles()
        return {
            "form": self.form,
            "query": self.form.query if is_valid else {},
            "lines": [line_of(entry, titles) for entry in page.entries],
            "older": page.older,
            "is_newest": self.before is None,
        }

    @view_config(route_name="profile.history.csv")
    def table(self) -> Response:
        if not self.form.validate():
            # The page says what is wrong.
            return SeeOther(self.request.route_path("profile.history", _query=self.form.query))
        return self._file(as_csv, "text/csv; charset=utf-8", "csv")

    @view_config(route_name="profile.history.json")
    def data(self) -> Response:
        if not self.form.validate():
            message = next(errors[0] for errors in self.form.errors.values() if errors)
            return fail(self.request, 422, message, "form")
        return self._file(as_json, "application/json", "json")

    def _file(
        self, write: Callable[[Iterable[dict[str, Any]]], Iterator[bytes]], kind: str, ending: str
    ) -> Response:
        """Return everything as a file, which is whole or not sent at all."""
        file = SpooledTemporaryFile(max_size=LARGEST_IN_MEMORY)  # noqa: SIM115 - closed when sent
        file.writelines(write(self._rows()))
        length = file.tell()
        file.seek(0)
        name = f"{self.request.identity.username}-history.{ending}"
        return Response(
            app_iter=FileIter(file),
            content_type=kind,
            content_length=length,
            content_disposition=f'attachment; filename="{name}"',
        )

    def _rows(self) -> Iterator[dict[str, Any]]:
        titles, say = self._titles(), partial(translate, localizer=self.request.localizer)
        user_id = self.request.identity.user_id
        for entry in self.history.all(user_id, self.before, self._selection()):
            yield row_of(entry, line_of(entry, titles), say)

    def _selection(self) -> Selection:
        zone = time_zone_of(self.request.identity.time_zone)
        form = self.form
        return selection_of(form.about.data, form.since.day, form.until.day, zone)

    def _titles(self) -> dict[str, Any]:
        factors: IFactorService = self.request.find_service(IFactorService)
        return {factor.name: factor.title for factor in factors.all()}
