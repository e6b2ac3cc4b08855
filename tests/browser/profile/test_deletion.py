"""Deleting one's account with a real browser and its authenticator."""

from tests.common.browser import VirtualAuthenticator
from tests.common.served import ServedSite
from tests.common.surfer import DELETE, Surfer
from warehouse_mfa.audit.interfaces import IEvidenceAudit


def test_a_browser_deletes_an_account_and_leaves_whole_evidence(
    surfer: Surfer, site: ServedSite
) -> None:
    bob = site.person("bob", key=True)
    surfer.skip_login(site.visitor(), bob)
    VirtualAuthenticator.add(surfer.page).take_over(bob.key)
    surfer.go(DELETE)
    surfer.fill("Your username", "bob")
    surfer.press("Go on")
    surfer.expect_text("Delete the account bob")

    surfer.use_key()

    surfer.arrives("/")
    surfer.expect_told("Your account is deleted.")
    with site.scope() as request:
        (verdict,) = request.find_service(IEvidenceAudit).verdicts()
    assert verdict.evidence.signed is not None
    assert verdict.failures == ()
