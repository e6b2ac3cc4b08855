"""Sentences for the next page: shown once, there and nowhere else."""

from tests.common.people import Person
from tests.common.site import Site
from tests.common.submissions import LOG_OUT, SUBMISSIONS
from tests.common.visitor import Visitor

LOGGED_OUT = "You are logged out."


def shown(page: object) -> list[str]:
    """Return the sentences of a page, without "Done." and the like."""
    return [
        " ".join(each.text.split())
        for each in page.html.select(".flash")  # type: ignore[attr-defined]
    ]


def test_a_sentence_is_shown_on_the_next_page_and_not_on_the_one_after(
    visitor: Visitor, user_without_factor: Person
) -> None:
    visitor.give_password(user_without_factor)
    first = visitor.form(LOG_OUT, "logout-form").submit(status=303).follow(status=200)

    second = visitor.get("/", status=200)

    assert (shown(first), shown(second)) == ([f"Done. {LOGGED_OUT}"], [])
    assert visitor.cookie("flash") is None


def test_a_redirect_and_a_script_do_not_use_it_up(
    visitor: Visitor, user_without_factor: Person
) -> None:
    visitor.give_password(user_without_factor)
    visitor.form(LOG_OUT, "logout-form").submit(status=303)

    visitor.get("/manage/account/", status=303)
    visitor.get("/_health/live", status=200)
    visitor.get("/static/css/tokens.css", status=200)

    assert shown(visitor.get("/", status=200)) == [f"Done. {LOGGED_OUT}"]


def test_a_sentence_nobody_came_for_is_forgotten(
    site: Site, visitor: Visitor, user_without_factor: Person
) -> None:
    visitor.give_password(user_without_factor)
    visitor.form(LOG_OUT, "logout-form").submit(status=303)

    site.clock.advance(minutes=5)

    assert shown(visitor.get("/", status=200)) == []


def test_a_refusal_is_a_warning_with_its_kind_in_words(
    visitor: Visitor, user_without_factor: Person
) -> None:
    visitor.give_password(user_without_factor)

    page = visitor.get("/manage/account/", status=303).follow(status=200)

    (sentence,) = page.html.select(".flash")
    assert shown(page) == ["Please note. Set up a second factor first."]
    assert "flash-warning" in sentence["class"]
    assert sentence["role"] == "status"


def test_two_sentences_before_a_page_is_shown_do_not_pile_up_without_end(
    visitor: Visitor, user_without_factor: Person
) -> None:
    visitor.give_password(user_without_factor)

    for _ in range(50):
        visitor.get("/manage/account/", status=303)

    assert len(shown(visitor.get("/", status=200))) == 1
    assert visitor.cookie("flash") is None


def test_a_sentence_after_a_script_is_shown_on_the_page_it_leads_to(site: Site) -> None:
    submission = SUBMISSIONS["register a key"](site)
    answer = submission.send(status=200)

    page = submission.visitor.get(answer.json["redirect_to"], status=200)

    assert shown(page) == [f"Done. {answer.json['success']}"]


def test_an_error_page_shows_it_too(visitor: Visitor, user_without_factor: Person) -> None:
    visitor.give_password(user_without_factor)
    visitor.form(LOG_OUT, "logout-form").submit(status=303)

    page = visitor.get("/nowhere", status=404)

    assert shown(page) == [f"Done. {LOGGED_OUT}"]
    assert shown(visitor.get("/", status=200)) == []


def test_what_was_promised_is_not_kept_when_the_change_is_lost(rigged_site: Site) -> None:
    visitor = rigged_site.visitor()

    visitor.get("/lost", status=503)

    assert visitor.cookie("flash") is None
    assert visitor.cookie("locale") is None


def test_what_was_promised_is_kept_when_the_change_was_tried_again(rigged_site: Site) -> None:
    visitor = rigged_site.visitor()

    visitor.get("/tried-twice", status=200)

    assert visitor.cookie("locale") == "fr"
    (sentence,) = shown(visitor.get("/", status=200))
    assert sentence.endswith("Your wish was granted.")


def test_what_a_page_of_an_error_has_shown_is_not_shown_again(rigged_site: Site) -> None:
    visitor = rigged_site.visitor()
    visitor.get("/tried-twice", status=200)

    first = visitor.get("/unavailable", status=503)

    assert len(shown(first)) == 1
    assert shown(visitor.get("/", status=200)) == []
