"""What a browser is told of an account, for whatever keeps its passkeys."""

from tests.common.authenticator import SoftwareAuthenticator, encode_base64url
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import PROVISION_KEY, Visitor

ACCEPTED = f"{PROVISION_KEY}/accepted"


def test_it_names_the_account_and_every_credential_of_it(
    site: Site, newcomer: Visitor, dave: Person, mallory: Person
) -> None:
    newcomer.register_key(dave, "Blue")
    (key,) = dave.key.credentials
    dave.key = SoftwareAuthenticator()
    newcomer.register_passkey(dave)
    (passkey,) = dave.key.credentials
    handle = dave.key.credentials[passkey].user_handle

    assert newcomer.get(ACCEPTED, status=200).json == {
        "rpId": site.settings.relying_party_id,
        "userId": encode_base64url(handle),
        "name": "dave",
        "displayName": "Dave Example",
        "allAcceptedCredentialIds": [encode_base64url(key), encode_base64url(passkey)],
    }


def test_a_suspended_one_is_not_taken_away(site: Site, newcomer: Visitor, dave: Person) -> None:
    """Its owner has not removed it: what keeps it must not forget it."""
    newcomer.register_passkey(dave)
    site.change("UPDATE webauthn_credentials SET suspended_at = created_at")

    assert len(newcomer.get(ACCEPTED).json["allAcceptedCredentialIds"]) == 1


def test_without_any_the_list_is_empty(newcomer: Visitor) -> None:
    assert newcomer.get(ACCEPTED).json["allAcceptedCredentialIds"] == []


def test_every_page_of_the_account_signals_once_for_a_login(
    visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    first = once(visitor, "/manage/account/")
    visitor.form("/account/logout/", "logout-form").submit(status=303)
    user_with_totp.clock.advance(minutes=2)
    visitor.log_in(user_with_totp)

    assert first
    assert once(visitor, "/manage/account/") != first


def test_the_overview_signals_again_when_the_name_has_changed(
    visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    elsewhere, before = once(visitor, "/manage/account/history/"), once(visitor, "/manage/account/")
    form = visitor.form("/manage/account/profile/", "profile-form")
    form["name"] = "Somebody Else"
    form.submit(status=303)

    after = once(visitor, "/manage/account/")

    assert elsewhere
    assert before.startswith(elsewhere)
    assert after.startswith(elsewhere)
    assert not before.startswith(after)


def test_the_page_of_the_factors_signals_whenever_it_is_seen(
    visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)

    assert once(visitor, "/manage/account/two-factor/") == ""


def once(visitor: Visitor, path: str) -> str:
    element = visitor.get(path, status=200).html.select_one("[data-signal-passkeys]")
    return str(element["data-once"])
