"""A real browser and virtual authenticators: Chromium, Playwright, the DevTools protocol."""

import json
import os
import shutil
from base64 import b64encode
from collections.abc import Callable
from time import monotonic
from typing import Any, Literal, Self
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from axe_playwright_python.base import AXE_SCRIPT
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.sync_api import CDPSession, Page

from tests.common.authenticator import SoftwareAuthenticator

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = (
    "No Chromium was found: `apt-get install chromium`, or set CHROMIUM to the program's path."
)

# Without a sandbox, because Chromium has none as root; without anything that would talk to the
# network.
LAUNCH_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# WCAG 2.2 AA with all it includes, and what axe recommends beyond it.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What depends on colors, and may differ in dark and in forced ones.
COLOR_RULES = ["color-contrast", "link-in-text-block"]

PATIENCE_S = 20

Protocol = Literal["ctap2", "ctap2_1", "u2f"]
Transport = Literal["usb", "nfc", "ble", "hybrid", "internal"]

# What speaks with the authenticators of a page; they go when it is closed.
PLUGGED_IN: WeakKeyDictionary[Page, list[CDPSession]] = WeakKeyDictionary()


class BrowserMissing(RuntimeError):
    """There is no browser to test with; the sentence says how to get one."""


def find_chromium() -> str:
    """Return the path of Chromium: the variable CHROMIUM, else the first known name on the path.

    :raises BrowserMissing: if there is none, or CHROMIUM names nothing that can be run.
    """
    chosen = os.environ.get("CHROMIUM")
    for name in (chosen,) if chosen else CHROMIUM_NAMES:
        path = shutil.which(name)
        if path is not None:
            return path
    raise BrowserMissing(MISSING)


class VirtualAuthenticator:
    """An authenticator plugged into one page: `VirtualAuthenticator.add(page)`.

    Several can be plugged into a page, but only one of transport "internal". All that have
    `presence` answer at once, and the first answer counts, even if it is a refusal. They go with
    the page, or all at once with `unplug_all`. Chromium counts an allow list as a use, so a test
    asserts that the sign count has risen, not by how much.
    """

    def __init__(self, page: Page, session: CDPSession, authenticator_id: str) -> None:
        self._page = page
        self._session = session
        self._id = authenticator_id

    @classmethod
    def add(
        cls,
        page: Page,
        *,
        protocol: Protocol = "ctap2",
        transport: Transport = "usb",
        resident_key: bool = False,
        user_verification: bool = False,
        user_verified: bool = True,
        presence: bool = True,
        backup_eligible: bool = False,
        backup_state: bool = False,
    ) -> Self:
        """Plug a new authenticator into `page`.

        `user_verification` is whether it can verify its user, `user_verified` whether that
        succeeds; `presence` is whether it is touched whenever it asks.
        """
        options: dict[str, Any] = {
            "protocol": "u2f" if protocol == "u2f" else "ctap2",
            "transport": transport,
            "hasResidentKey": resident_key,
            "hasUserVerification": user_verification,
            "isUserVerified": user_verification and user_verified,
            "automaticPresenceSimulation": presence,
            "defaultBackupEligibility": backup_eligible,
            "defaultBackupState": backup_state,
        }
        if protocol == "ctap2_1":
            options["ctap2Version"] = protocol
        session = page.context.new_cdp_session(page)
        PLUGGED_IN.setdefault(page, []).append(session)
        session.send("WebAuthn.enable")
        added = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return cls(page, session, added["authenticatorId"])

    @classmethod
    def add_platform(cls, page: Page, **more: Any) -> Self:
        """Let the device itself keep passkeys, and verify its user."""
        return cls.add(
            page, transport="internal", resident_key=True, user_verification=True, **more
        )

    def remove(self) -> None:
        """Unplug it. What it held is lost."""
        self._send("removeVirtualAuthenticator")

    def credentials(self) -> list[dict[str, Any]]:
        """Return the credentials it holds, with `credentialId` in base64, `signCount` and more."""
        held: list[dict[str, Any]] = self._send("getCredentials")["credentials"]
        return held

    def expect_credentials(self, number: int) -> None:
        """Wait until it holds so many: what a page signals arrives by and by."""
        self._await(lambda: len(self.credentials()) == number)

    def expect_user(self, name: str, display_name: str) -> None:
        """Wait until what it holds is said to be of somebody who is called so."""
        called = {"userName": name, "userDisplayName": display_name}
        self._await(lambda: all(called.items() <= one.items() for one in self.credentials()))

    def _await(self, is_so: Callable[[], bool]) -> None:
        deadline = monotonic() + PATIENCE_S
        while not is_so():
            assert monotonic() < deadline, self.credentials()
            self._page.wait_for_timeout(50)

    def take_over(self, other: SoftwareAuthenticator) -> None:
        """Hold what `other` holds: the credentials that somebody without a screen registered."""
        for credential in other.credentials.values():
            private_key = credential.private_key.private_bytes(
                Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
            )
            held = {
                "credentialId": b64encode(credential.id).decode(),
                "isResidentCredential": credential.is_discoverable,
                "userHandle": b64encode(credential.user_handle).decode(),
                "rpId": credential.rp_id,
                "privateKey": b64encode(private_key).decode(),
                "signCount": credential.sign_count,
            }
            self._send("addCredential", credential=held)

    def set_user_verified(self, user_verified: bool) -> None:
        """Let the next user verifications succeed or fail."""
        self._send("setUserVerified", isUserVerified=user_verified)

    def set_presence(self, presence: bool) -> None:
        """Touch it whenever it asks, or never: then the ceremony ends with its timeout."""
        self._send("setAutomaticPresenceSimulation", enabled=presence)

    def clone_with_sign_count(self, sign_count: int) -> None:
        """Replace every credential by a copy with another sign count, as a cloned key has it."""
        # A U2F credential knows only the hash of its RP ID, but cannot be added without the RP ID
        # itself.
        rp_id = urlsplit(self._page.url).hostname
        for credential in self.credentials():
            clone = {"rpId": rp_id, **credential, "signCount": sign_count}
            self._send("removeCredential", credentialId=credential["credentialId"])
            self._send("addCredential", credential=clone)

    def set_response_override(
        self,
        *,
        bogus_signature: bool = False,
        bad_user_verification: bool = False,
        bad_user_presence: bool = False,
    ) -> None:
        """Spoil the next answers: a wrong signature, a flag that is not set.

        What is not named is honest again. Chromium heeds this for CTAP2 only, not for "u2f".
        """
        self._send(
            "setResponseOverrideBits",
            isBogusSignature=bogus_signature,
            isBadUV=bad_user_verification,
            isBadUP=bad_user_presence,
        )

    def _send(self, command: str, **parameters: object) -> dict[str, Any]:
        answer: dict[str, Any] = self._session.send(
            f"WebAuthn.{command}", {"authenticatorId": self._id, **parameters}
        )
        return answer


def unplug_all(page: Page) -> None:
    """Take out every authenticator of `page`."""
    for session in PLUGGED_IN.pop(page, []):
        session.detach()


def axe_violations(page: Page, rules: list[str] = AXE_TAGS) -> list[str]:
    """Return what axe finds wrong with `page`, a line each: rule, impact, reason, elements.

    `rules` are names of rules, or tags that many have in common.
    The page's Content Security Policy stays in force: the script comes in through the DevTools
    protocol.
    """
    session = page.context.new_cdp_session(page)
    try:
        if not _evaluate(session, "'axe' in window"):
            _evaluate(session, AXE_SCRIPT)
        options = {"runOnly": rules, "resultTypes": ["violations"]}
        found = _evaluate(
            session, f"axe.run({json.dumps(options)}).then(found => found.violations)"
        )
    finally:
        session.detach()
    return [_sentence(violation) for violation in found]


def _evaluate(session: CDPSession, expression: str) -> Any:
    answer = session.send(
        "Runtime.evaluate",
        {"expression": expression, "awaitPromise": True, "returnByValue": True},
    )
    if "exceptionDetails" in answer:
        raise RuntimeError(f"axe could not run: {answer['exceptionDetails']}")
    return answer["result"].get("value")


def _sentence(violation: dict[str, Any]) -> str:
    elements = ", ".join(" ".join(map(str, node["target"])) for node in violation["nodes"])
    return f"{violation['id']} ({violation['impact']}): {violation['help']}: {elements}"
