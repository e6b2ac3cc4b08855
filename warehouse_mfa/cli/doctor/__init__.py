"""`doctor`: everything that is unsafe or broken, one sentence each.

`checks` lists the checks in their order; each is a small function in the file of its subject, which
takes the patient and yields marked sentences. A check that needs something is not made when that is
broken.
"""

import json
from contextlib import closing

import click

from warehouse_mfa import settings as settings_module
from warehouse_mfa.cli.doctor.checks import examine
from warehouse_mfa.cli.doctor.patient import Patient, without_writing_keys
from warehouse_mfa.cli.speech import CommandFailed, command, option, say, spoken
from warehouse_mfa.i18n import _, ngettext
from warehouse_mfa.strings import in_english


@command(
    help=_(
        "Name everything that is unsafe or broken; the exit status is 1 when there is something."
    )
)
@option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def doctor(as_json: bool) -> None:
    environ = without_writing_keys(settings_module.from_process())
    with closing(Patient(environ)) as patient:
        findings = examine(patient)
    if as_json:
        told = [{"check": one.check, "sentence": in_english(one.sentence)} for one in findings]
        click.echo(json.dumps(told, indent=2))
    else:
        for finding in findings:
            click.echo(f"{finding.check}: {spoken(finding.sentence)}")
    if findings:
        raise CommandFailed(ngettext("${n} problem.", "${n} problems.", len(findings)))
    if not as_json:
        say(_("Nothing unsafe, nothing broken."))
