"""Password hashes: today's and older ones, and no more at once than can be done in a second."""

import threading
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from passlib.hash import argon2, bcrypt, pbkdf2_sha256, pbkdf2_sha512
from zope.interface import implementer
from zope.interface.verify import verifyObject

from tests.common.clock import FrozenClock
from warehouse_mfa.clock import IClock
from warehouse_mfa.crypto import HasherOverloaded, IPasswordHasher, PasswordHasher
from warehouse_mfa.crypto.argon2 import LibsodiumArgon2
from warehouse_mfa.crypto.passwords import EQUIVALENT, RECOMMENDED, HashParameters

CHEAP = HashParameters(64, 1, 1)
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module", params=[argon2, LibsodiumArgon2], ids=["argon2-cffi", "libsodium"])
def hasher(request: pytest.FixtureRequest) -> PasswordHasher:
    return PasswordHasher(CHEAP, FrozenClock(), argon2_scheme=request.param)


def argon2_hash(memory_kib: int = 64, passes: int = 1, kind: str = "ID") -> str:
    scheme = argon2.using(type=kind, memory_cost=memory_kib, time_cost=passes, parallelism=1)
    return scheme.hash(PASSWORD)


def test_the_hasher_is_what_its_interface_says(hasher: PasswordHasher) -> None:
    assert verifyObject(IPasswordHasher, hasher)


def test_a_hash_is_argon2id_with_the_parameters_of_the_setting() -> None:
    hasher = PasswordHasher(HashParameters(128, 2, 1), FrozenClock())

    assert hasher.hash(PASSWORD).startswith("$argon2id$v=19$m=128,t=2,p=1$")


def test_two_hashes_of_one_password_differ(hasher: PasswordHasher) -> None:
    assert hasher.hash(PASSWORD) != hasher.hash(PASSWORD)


def test_the_right_password_matches_and_needs_no_new_hash(hasher: PasswordHasher) -> None:
    match = hasher.verify(PASSWORD, hasher.hash(PASSWORD))

    assert match.matches
    assert match.upgraded_hash is None


@pytest.mark.attack("P-008")
@pytest.mark.parametrize(
    "wrong",
    ["", PASSWORD[:-1], PASSWORD + " ", " " + PASSWORD, PASSWORD.upper(), PASSWORD + "\0"],
)
def test_only_the_exact_password_matches(hasher: PasswordHasher, wrong: str) -> None:
    match = hasher.verify(wrong, hasher.hash(PASSWORD))

    assert not match.matches
    assert match.upgraded_hash is None


@pytest.mark.attack("P-008")
def test_long_passwords_are_not_cut(hasher: PasswordHasher) -> None:
    stored = hasher.hash("x" * 100)

    assert hasher.verify("x" * 100, stored).matches
    assert not hasher.verify("x" * 72, stored).matches


def test_4096_characters_of_four_bytes_are_taken_whole(hasher: PasswordHasher) -> None:
    password = "\N{MATHEMATICAL DOUBLE-STRUCK CAPITAL X}" * 4096

    stored = hasher.hash(password)

    assert hasher.verify(password, stored).matches
    assert not hasher.verify(password[:-1], stored).matches


def test_an_unknown_name_matches_nothing(hasher: PasswordHasher) -> None:
    for password in (PASSWORD, "", "no password is this one", "measured"):
        match = hasher.verify(password, None)
        assert not match.matches
        assert match.upgraded_hash is None


# Older hashes


@pytest.mark.parametrize(
    "stored",
    [
        argon2_hash(memory_kib=32),
        argon2_hash(kind="I", memory_kib=1024),
        pbkdf2_sha256.using(rounds=10).hash(PASSWORD),
        pbkdf2_sha512.using(rounds=10).hash(PASSWORD),
        bcrypt.using(rounds=4).hash(PASSWORD),
        bcrypt.using(rounds=4, ident="2a").hash(PASSWORD),
        bcrypt.using(rounds=4, ident="2y").hash(PASSWORD),
    ],
    ids=["weaker", "argon2i", "pbkdf2_sha256", "pbkdf2_sha512", "bcrypt 2b", "2a", "2y"],
)
def test_an_older_hash_is_verified_and_replaced(hasher: PasswordHasher, stored: str) -> None:
    match = hasher.verify(PASSWORD, stored)

    assert match.matches
    assert match.upgraded_hash is not None
    assert match.upgraded_hash.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert hasher.verify(PASSWORD, match.upgraded_hash).matches
    wrong = hasher.verify(PASSWORD + "x", stored)
    assert not wrong.matches
    assert wrong.upgraded_hash is None


@pytest.mark.parametrize(
    "stored", [argon2_hash(128), argon2_hash(64, passes=3)], ids=["more memory", "more passes"]
)
def test_a_stronger_hash_stays_when_the_setting_was_lowered(
    hasher: PasswordHasher, stored: str
) -> None:
    match = hasher.verify(PASSWORD, stored)

    assert match.matches
    assert match.upgraded_hash is None


def test_the_tail_that_bcrypt_never_read_counts_from_the_new_hash_on(
    hasher: PasswordHasher,
) -> None:
    long = "y" * 100
    stored = bcrypt.using(rounds=4).hash(long[:72])

    match = hasher.verify(long, stored)

    assert match.matches
    assert match.upgraded_hash is not None
    assert hasher.verify(long, match.upgraded_hash).matches
    assert not hasher.verify(long[:72], match.upgraded_hash).matches


@pytest.mark.parametrize("password", ["y" * 100, "nul\0inside"])
def test_what_an_old_scheme_cannot_read_is_a_wrong_password(
    hasher: PasswordHasher, password: str
) -> None:
    assert not hasher.verify(password, bcrypt.using(rounds=4).hash(PASSWORD)).matches


@pytest.mark.parametrize(
    "stored",
    ["", "!", "secret", "$argon2id$v=19$m=64,t=1,p=1$", "$2b$04$short", "$1$salt$md5", "$2", "$"],
)
def test_a_hash_that_nobody_can_read_matches_nothing(hasher: PasswordHasher, stored: str) -> None:
    for password in (PASSWORD, stored, ""):
        assert not hasher.verify(password, stored).matches


# Parameters


def test_parameters_are_read_in_their_notation() -> None:
    assert HashParameters.parse("argon2id:m=47104,t=1,p=1") == RECOMMENDED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "argon2id",
        "argon2i:m=47104,t=1,p=1",
        "argon2id:m=47104,t=1",
        "argon2id:m=47104,t=1,p=1 ",
        "argon2id:t=1,m=47104,p=1",
        "argon2id:m=-1,t=1,p=1",
        "argon2id:m=٤٧,t=1,p=1",
        "argon2id:m=47104,t=0,p=1",
        "argon2id:m=47104,t=1,p=0",
        "argon2id:m=15,t=1,p=2",
    ],
)
def test_other_parameters_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write it like|give it a pass"):
        HashParameters.parse(text)


def test_strength_is_memory_times_passes() -> None:
    assert HashParameters(47103, 1, 1).is_weaker_than(RECOMMENDED)
    assert not HashParameters(23552, 2, 1).is_weaker_than(RECOMMENDED)
    assert not EQUIVALENT.is_weaker_than(EQUIVALENT)


# One at once per core, and no more than a second's work


@implementer(IClock)
class SlowMachineClock(FrozenClock):
    """The clock of a machine that takes so many seconds for a hash."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def monotonic(self) -> float:
        self.advance(seconds=self._seconds)
        return super().monotonic()


def outcomes(hasher: PasswordHasher, callers: int) -> list[str]:
    """Return what each of several callers at the same moment got."""
    stored = hasher.hash(PASSWORD)
    barrier = Barrier(callers)

    def call(_: int) -> str:
        barrier.wait(30)
        try:
            return "hashed" if hasher.verify(PASSWORD, stored).matches else "wrong"
        except HasherOverloaded:
            return "overloaded"

    with ThreadPoolExecutor(callers) as pool:
        return list(pool.map(call, range(callers)))


LONG_WORK = HashParameters(64 * 1024, 6, 1)


def test_on_a_machine_that_does_one_hash_in_a_second_only_one_is_taken() -> None:
    hasher = PasswordHasher(LONG_WORK, SlowMachineClock(2.0), cores=1)

    found = outcomes(hasher, 8)

    assert sorted(found) == ["hashed"] + ["overloaded"] * 7


def test_a_second_of_work_may_wait_and_the_rest_is_refused() -> None:
    hasher = PasswordHasher(LONG_WORK, SlowMachineClock(0.5), cores=2)

    found = outcomes(hasher, 12)

    assert found.count("hashed") == 4
    assert found.count("overloaded") == 8


def test_the_places_in_the_queue_are_free_again_afterwards() -> None:
    hasher = PasswordHasher(LONG_WORK, SlowMachineClock(2.0), cores=1)

    for _ in range(3):
        assert outcomes(hasher, 4).count("hashed") == 1


def test_a_refusal_inside_leaves_the_queue_as_it_was() -> None:
    hasher = PasswordHasher(CHEAP, SlowMachineClock(2.0), cores=1)

    for _ in range(3):
        with pytest.raises(ValueError, match="maximum"):
            hasher.hash("x" * 5000)

    assert hasher.verify(PASSWORD, hasher.hash(PASSWORD)).matches


def test_no_more_hashes_run_at_once_than_there_are_cores() -> None:
    hasher = PasswordHasher(CHEAP, FrozenClock(), cores=2)
    running, most = 0, 0
    lock, both = threading.Lock(), Barrier(2)

    def take_a_turn(_: int) -> None:
        nonlocal running, most
        with hasher._turn():
            with lock:
                running += 1
                most = max(most, running)
            both.wait(30)
            with lock:
                running -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(take_a_turn, range(8)))

    assert most == 2
