"""`audit`: what can be proved afterwards."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import UUID

import click

from warehouse_mfa.audit import export
from warehouse_mfa.audit.export import NotEvidence
from warehouse_mfa.audit.interfaces import IEvidenceAudit, Verdict
from warehouse_mfa.cli.context import scope
from warehouse_mfa.cli.speech import CommandFailed, group, option, say, spoken
from warehouse_mfa.i18n import _, ngettext
from warehouse_mfa.strings import in_english
from warehouse_mfa.webauthn.evidence import failures

SIGNED = _("whole: a key signed these facts.")
WEAKER = _("weaker: that a code was right proves nothing by itself.")


@group(help=_("What can be proved afterwards."))
def audit() -> None:
    pass


@audit.command(
    help=_(
        "Print the evidence of the event EVENT_ID as JSON, to be kept in a file and checked "
        "anywhere with `warehouse-mfa audit verify-evidence FILE`."
    )
)
@click.argument("event_id", type=click.UUID)
def evidence(event_id: UUID) -> None:
    with scope() as request:
        found = request.find_service(IEvidenceAudit).of(event_id)
    if found is None:
        raise CommandFailed(_("There is no evidence of such an event."))
    click.echo(export.write(found))


@audit.command(
    help=_(
        "Check all evidence of the database, or that in each FILE, from its bytes alone.\n\n"
        "Facts, what a key signed, and its public key must fit together; in the database also the "
        "event, and the registration of the key. The exit status is 1 when something does not fit."
    )
)
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def verify_evidence(files: tuple[Path, ...], as_json: bool) -> None:
    verdicts = list(_of_files(files)) if files else _of_database()
    if as_json:
        click.echo(json.dumps([_as_json(verdict) for verdict in verdicts], indent=2))
    else:
        for verdict in verdicts:
            for sentence in _sentences(verdict):
                click.echo(f"{verdict.evidence.event_id}: {spoken(sentence)}")
    wrong = sum(bool(verdict.failures) for verdict in verdicts)
    if wrong:
        raise CommandFailed(
            ngettext(
                "${n} piece of evidence is wrong.", "${n} pieces of evidence are wrong.", wrong
            )
        )
    if not as_json:
        say(_("Nothing is wrong. Checked: ${number}.", mapping={"number": len(verdicts)}))


def _of_database() -> list[Verdict]:
    with scope() as request:
        return list(request.find_service(IEvidenceAudit).verdicts())


def _of_files(files: Iterable[Path]) -> Iterator[Verdict]:
    for file in files:
        try:
            found = export.read(file.read_bytes())
        except OSError as error:
            raise CommandFailed(
                _("${file} cannot be read: ${reason}.", mapping=_named(file, error.strerror))
            ) from error
        except NotEvidence as error:
            raise CommandFailed(_("${file} holds no evidence.", mapping=_named(file))) from error
        yield Verdict(found, tuple(failures(found)))


def _named(file: Path, reason: str | None = None) -> dict[str, str]:
    return {"file": str(file), "reason": reason or ""}


def _sentences(verdict: Verdict) -> tuple[str, ...]:
    return verdict.failures or (SIGNED if verdict.evidence.signed else WEAKER,)


def _as_json(verdict: Verdict) -> dict[str, object]:
    return {
        "event_id": str(verdict.evidence.event_id),
        "factor": verdict.evidence.factor,
        "is_signed": verdict.evidence.signed is not None,
        "facts": verdict.evidence.facts.decode(errors="replace"),
        "failures": [in_english(sentence) for sentence in verdict.failures],
    }
