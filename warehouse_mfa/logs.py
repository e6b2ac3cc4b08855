"""JSON lines on standard error: one record per event, control characters escaped by the encoder."""

import logging
import sys

import structlog

_write = structlog.processors.JSONRenderer()


class _Lines(structlog.stdlib.ProcessorFormatter):
    """Writes records of ours as they are; structlog would copy each first, and format it twice."""

    def format(self, record: logging.LogRecord) -> str:
        if isinstance(record.msg, dict):
            return str(_write(None, record.levelname, record.msg))
        return super().format(record)


def configure(level: int = logging.INFO) -> None:
    """Send our records and those of the libraries through one renderer."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Lines(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _write],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    # No line says which thread, process or line of code it comes from: not to ask is said so in
    # "Optimization" of the module's documentation.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None
    # These name every job and every statement at INFO, which says nothing to an operator.
    for noisy in ("apscheduler", "alembic", "waitress.queue"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def get(name: str) -> structlog.typing.FilteringBoundLogger:
    """Return the logger of a module."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(name)
    return logger
