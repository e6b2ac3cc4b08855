"""The database: the base of all models, connections, and the unit of work."""

from collections.abc import Callable

from pyramid.config import Configurator
from pyramid.registry import Registry
from pyramid.request import Request
from pyramid.response import Response
from pyramid.tweens import EXCVIEW

from warehouse_mfa.db.engine import create_engine, reading_engine
from warehouse_mfa.db.manager import manager_of
from warehouse_mfa.db.models import Base, UTCDateTime, new_id, owner_id
from warehouse_mfa.db.restoration import RestorationStep, add_restoration_step
from warehouse_mfa.db.session import OwnerGone, Session
from warehouse_mfa.db.statements import hits_one, rows_hit, table_of
from warehouse_mfa.db.work import IUnitOfWork, UnitOfWork

__all__ = [
    "Base",
    "IUnitOfWork",
    "OwnerGone",
    "RestorationStep",
    "Session",
    "UTCDateTime",
    "UnitOfWork",
    "create_engine",
    "hits_one",
    "new_id",
    "owner_id",
    "reading_engine",
    "rows_hit",
    "table_of",
]


def _session(request: Request) -> Session:
    is_reading = request.method in ("GET", "HEAD")
    engine = request.registry["reading_engine" if is_reading else "engine"]
    return Session(engine, request.tm)


def sending_tween(
    handler: Callable[[Request], Response], registry: Registry
) -> Callable[[Request], Response]:
    """Send what a view has deferred, where an exception view can still answer for it."""

    def send(request: Request) -> Response:
        response = handler(request)
        session = request.__dict__.get("db")
        if session is not None:
            session.send_last()
        return response

    return send


def _unit_of_work(context: object, request: Request) -> UnitOfWork:
    return UnitOfWork(request.db, request.tm, request.environ)


def includeme(config: Configurator) -> None:
    engine = create_engine(config.registry["settings"].database_url.get_secret_value())
    config.registry["engine"] = engine
    config.registry["restoration_steps"] = []
    config.add_directive("add_restoration_step", add_restoration_step)
    config.registry["reading_engine"] = reading_engine(engine)
    config.add_settings({"tm.manager_hook": manager_of, "tm.annotate_user": False})
    config.include("pyramid_tm")
    config.include("pyramid_retry")
    config.add_tween("warehouse_mfa.db.sending_tween", under=EXCVIEW)
    config.add_request_method(_session, "db", reify=True)
    config.register_service_factory(_unit_of_work, IUnitOfWork)
