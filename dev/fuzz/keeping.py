"""Failing inputs as vectors, so that a test sends them ever after."""

import json
from typing import Any

from dev.fuzz.drafts import Input
from dev.fuzz.loop import Failure
from tests.common.vectors import DIRECTORY

FILE = DIRECTORY / "fuzz.json"


def keep(failures: list[Failure]) -> None:
    """Add inputs to the file of vectors."""
    held = json.loads(FILE.read_text(encoding="utf-8"))
    held["inputs"] += [vector_of(failure) for failure in failures]
    FILE.write_text(json.dumps(held, indent=2) + "\n", encoding="utf-8")


def vector_of(failure: Failure) -> dict[str, Any]:
    sent = failure.sent
    return {
        "name": f"{failure.scene}, {failure.seed}",
        "scene": failure.scene,
        "seed": failure.seed,
        "outcome": failure.outcome,
        "method": sent.method,
        "path": sent.path,
        "query": sent.query,
        "headers": dict(sent.headers),
        "body": sent.body.hex(),
    }


def input_of_vector(vector: Any) -> Input:
    return Input(
        vector["method"],
        vector["path"],
        vector["query"],
        vector["headers"],
        bytes.fromhex(vector["body"]),
    )
