"""All that a person does here, once, with the usual mistakes."""

from urllib.parse import parse_qs, urlsplit

from tests.common.people import Person
from tests.common.registering import NEWTON, register
from tests.common.site import Site
from tests.common.submissions import LOG_OUT, VERIFY
from tests.common.visitor import PROVISION_TOTP, Visitor


def walk(site: Site, visitor: Visitor) -> list[str]:
    """Register, verify, set up both factors, log in with each; return the secrets that were used."""
    person = Person(NEWTON["username"], clock=site.clock)
    secrets = [person.password, "a wrong password"]
    register(visitor, new_password="password", status=422)
    register(visitor)
    (mail,) = site.mails(to=person.address)
    secrets += parse_qs(urlsplit(mail.link).query)["token"]
    visitor.get(mail.link, status=303).follow(status=200)
    secrets.append(visitor.cookie("mailed"))
    visitor.get(VERIFY).forms["verify-form"].submit("decision", value="verify", status=303)
    visitor.get(mail.link, status=303).follow(status=410)
    _set_up(site, visitor, person, secrets)
    for log_in in (_with_code, _with_key):
        secrets.append(visitor.cookie("session"))
        visitor.form(LOG_OUT, "logout-form").submit(status=303).follow(status=200)
        site.clock.advance(seconds=60)
        visitor.give_password(person, status=422, password="a wrong password")
        visitor.give_password(person)
        secrets.append(visitor.cookie("login"))
        secrets += log_in(visitor, person)
    visitor.get("/manage/account/", status=200)
    visitor.get("/nowhere?token=a-token-in-a-wrong-link", status=404)
    secrets += [visitor.cookie("session"), visitor.cookie("device"), visitor.cookie("csrf")]
    secrets += [visitor.csrf_token(LOG_OUT), "a-token-in-a-wrong-link"]
    return [secret for secret in secrets if secret]


def _set_up(site: Site, visitor: Visitor, person: Person, secrets: list[str]) -> None:
    form = visitor.form(PROVISION_TOTP, "totp-provision-form")
    form["totp_value"] = "000000"
    form.submit(status=422)
    secrets.append(visitor.cookie("enroll"))
    visitor.get(f"{PROVISION_TOTP}/image", status=200)
    visitor.enroll_totp(person)
    secrets += [*person.codes, person.code()]
    visitor.register_key(person)


def _with_code(visitor: Visitor, person: Person) -> list[str]:
    wrong, right = person.wrong_code(), person.code()
    visitor.give_code(wrong, status=422)
    visitor.give_code(right)
    return [wrong, right]


def _with_key(visitor: Visitor, person: Person) -> list[str]:
    visitor.give_key(person, status=422, mutate_signature=lambda signature: signature[:-1])
    visitor.give_key(person)
    return []
