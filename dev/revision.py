"""Write a migration from what changed in the models: `python -m dev.revision "add things"`.

The models are compared with a PostgreSQL of the moment, brought to the newest migration first:
what autogenerate writes from SQLite is not always what PostgreSQL takes.
"""

import argparse
from pathlib import Path

from dev.application import configured
from dev.services import PostgreSQL, ServiceError
from warehouse_mfa.db import migrations


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m dev.revision")
    parser.add_argument("message", help='what the migration does, "add things"')
    message = parser.parse_args().message
    try:
        with PostgreSQL() as server:
            # Configuring imports every model.
            engine = configured(server.url).registry["engine"]
            migrations.upgrade(engine)
            changes = migrations.differences(engine)
            path = Path(migrations.write_revision(engine, message))
            engine.dispose()
    except ServiceError as error:
        raise SystemExit(str(error)) from None
    if not changes:
        print("The models agree with the migrations; this one is empty, for you to write.")
    print(f"Wrote {path.relative_to(Path.cwd())}. Read it before you commit it.")


if __name__ == "__main__":
    main()
