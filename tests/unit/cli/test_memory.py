"""Memory: what is not needed is not loaded, and threads that hash do not each keep a buffer."""

import os
import subprocess
import sys
from pathlib import Path

from tests.common.site import HTTPS, environment
from warehouse_mfa import paths

NOT_TO_SERVE = ("alembic", "celery", "mako", "redis", "segno", "zxcvbn")
CONFIGURED = f"""
import sys
import warehouse_mfa.cli.serve
from warehouse_mfa import settings
from warehouse_mfa.config import configure
configure(settings.load(settings.from_process()))
print(*(name for name in {NOT_TO_SERVE!r} if name in sys.modules))
"""
DELIVERED = """
from warehouse_mfa import settings
from warehouse_mfa.config import configure
from warehouse_mfa.db import Base, migrations
from warehouse_mfa.tasks import run
config = configure(settings.load(settings.from_process()))
config.commit()
migrations.upgrade(config.registry["engine"])
run(config.registry, "mail.deliver")
print(*(mapper.class_.__name__ for mapper in Base.registry.mappers if mapper.configured))
"""
THREADS = 6
HASH_MB = 19
# One after the other, so that one buffer is enough; the threads live on, and with them what they keep.
CODE = f"""
import re, threading
from argon2 import PasswordHasher
from warehouse_mfa.cli.memory import share_one_arena

def resident_mb():
    status = open("/proc/self/status").read()
    return int(re.search(r"VmRSS:\\s+(\\d+) kB", status)[1]) / 1000

share_one_arena()
hasher = PasswordHasher(time_cost=1, memory_cost={HASH_MB} * 1000, parallelism=1)
before, end, threads = resident_mb(), threading.Event(), []
for _ in range({THREADS}):
    hashed = threading.Event()
    def work():
        hasher.hash("password")
        hasher.hash("password")
        hashed.set()
        end.wait()
    threads.append(threading.Thread(target=work))
    threads[-1].start()
    hashed.wait()
print(resident_mb() - before)
end.set()
"""


def output_of(code: str, folder: Path) -> list[str]:
    """Return the words that a program prints which has the settings of a site."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=paths.PACKAGE.parent,
        env={**os.environ, **environment(f"sqlite:///{folder}/site.sqlite3", HTTPS)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_process_that_serves_carries_nothing_that_only_others_need(tmp_path: Path) -> None:
    assert output_of(CONFIGURED, tmp_path) == []


def test_who_looks_for_mails_every_few_seconds_needs_no_orm(tmp_path: Path) -> None:
    """Its mappers take 0.8 MB, from the first statement on that names a model instead of its table."""
    assert output_of(DELIVERED, tmp_path) == []


def test_threads_that_hash_in_turn_keep_one_buffer_together() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=paths.PACKAGE.parent,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 2 * HASH_MB
