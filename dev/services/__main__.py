"""Run both servers and print their addresses until interrupted: `python -m dev.services`."""

import argparse
import signal

from dev.services import PostgreSQL, ServiceError, Valkey


def main() -> None:
    """Start, print one `NAME=URL` line each, wait for Control-C or SIGTERM, stop."""
    parser = argparse.ArgumentParser(prog="python -m dev.services", description=__doc__)
    parser.add_argument("--durable", action="store_true", help="keep acknowledged data in a crash")
    durable = parser.parse_args().durable
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with PostgreSQL(durable=durable) as postgresql, Valkey(durable=durable) as valkey:
            print(f"DATABASE_URL={postgresql.url}")
            print(f"REDIS_URL={valkey.url}")
            print("Both run until Control-C; their data go with them.", flush=True)
            signal.pause()
    except ServiceError as error:
        raise SystemExit(str(error)) from None
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
