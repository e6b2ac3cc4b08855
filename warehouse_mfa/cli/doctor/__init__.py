"""`doctor`: everything that is unsafe or broken, one sentence each.

`checks` lists the checks in their order; each is a small function in the file of its subject, which
takes the patient and yields sentences. A check that needs something is not made when that is broken.
"""

import json
from contextlib import closing
from dataclasses import asdict

import click

from warehouse_mfa import settings as settings_module
from warehouse_mfa.cli.context import CommandFailed
from warehouse_mfa.cli.doctor.checks import examine
from warehouse_mfa.cli.doctor.patient import Patient, without_writing_keys


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(as_json: bool) -> None:
    """Name everything that is unsafe or broken; the exit status is 1 when there is something."""
    environ = without_writing_keys(settings_module.from_process())
    with closing(Patient(environ)) as patient:
        findings = examine(patient)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(f"{finding.check}: {finding.sentence}")
    if findings:
        raise CommandFailed(f"{len(findings)} found.")
    if not as_json:
        click.echo("Nothing unsafe, nothing broken.")
