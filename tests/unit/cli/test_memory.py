"""Memory: threads that hash passwords do not each keep what it took."""

import subprocess
import sys

from warehouse_mfa import paths

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
