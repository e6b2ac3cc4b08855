"""`worker`: Celery, with the tasks and the timetable of `serve`."""

import click

from warehouse_mfa import logs
from warehouse_mfa.cli.context import configured, load_settings
from warehouse_mfa.cli.schema import complain_if_behind
from warehouse_mfa.cli.speech import CommandFailed, command, option
from warehouse_mfa.i18n import _


@command(
    help=_(
        "Run the background tasks, on as many machines as wanted. Needs REDIS_URL.\n\n"
        "Every worker also keeps the timetable: a task claims its work by a lease, so that two "
        "rounds at once do it once."
    )
)
@option(
    "--concurrency",
    default=2,
    show_default=True,
    type=click.IntRange(1),
    help=_("Tasks that run at once."),
)
def worker(concurrency: int) -> None:
    logs.configure()
    settings = load_settings()
    if not settings.redis_url.get_secret_value():
        raise CommandFailed(
            _("WAREHOUSE_MFA_REDIS_URL is not set; without it `serve` runs the tasks.")
        )
    registry = configured(settings).registry
    complain_if_behind(registry["engine"])
    registry["celery"].worker_main(
        [
            "worker",
            "--pool=threads",
            f"--concurrency={concurrency}",
            "--beat",
            # In memory: a round that is missed at a restart comes with the next one.
            "--scheduler=celery.beat.Scheduler",
            "--without-gossip",
            "--without-mingle",
            "--loglevel=WARNING",
        ]
    )
