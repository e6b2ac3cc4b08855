"""The walk of a new person, from registration to a login with each factor."""

from tests.common.people import PASSWORD, Person
from tests.common.site import Site
from tests.common.visitor import Visitor


def register(visitor: Visitor) -> None:
    form = visitor.get("/account/register/").forms["register-form"]
    form["username"], form["email"] = "newton", "newton@example.org"
    form["new_password"] = form["password_confirm"] = PASSWORD
    form.submit(status=303).follow(status=200)


def test_a_new_person_registers_verifies_enrolls_and_logs_in_with_each_factor(
    site: Site, visitor: Visitor
) -> None:
    person = Person("newton", clock=site.clock)

    register(visitor)
    (mail,) = site.mails(to="newton@example.org")
    page = visitor.get(mail.link, status=303).follow(status=200)
    page.forms["verify-form"].submit("decision", value="verify", status=303)
    visitor.enroll_totp(person)
    visitor.register_key(person)
    overview = visitor.get("/manage/account/", status=200)
    assert "newton" in overview
    visitor.form("/account/logout/", "logout-form").submit(status=303)
    visitor.get("/manage/account/", status=303)

    site.clock.advance(seconds=60)
    visitor.give_password(person)
    visitor.give_code(person.code())
    visitor.get("/manage/account/", status=200)
    visitor.form("/account/logout/", "logout-form").submit(status=303)

    visitor.give_password(person)
    visitor.give_key(person)
    visitor.get("/manage/account/", status=200)
    assert site.tags() == [
        "account:registered",
        "account:email:verified",
        "account:totp:enrolled",
        "account:webauthn:registered",
        "account:logout",
        "account:password:accepted",
        "account:login:completed",
        "account:logout",
        "account:password:accepted",
        "account:login:completed",
    ]
