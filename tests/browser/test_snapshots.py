"""What a screen reader finds on the pages of login, factors and keys, and in which order.

The sentences between are left out: they may be said better without a word here.
"""

import pytest
from playwright.sync_api import expect

from tests.browser import states
from tests.common.served import ServedSite
from tests.common.surfer import ShareBrowser

SITE_AND_LOGIN = """
- link "Skip to the content"
- banner:
  - link "Package Index"
  - navigation "Site":
    - list:
      - listitem:
        - link "Log in"
      - listitem:
        - link "Register"
- main:
  - heading "Log in" [level=1]
  - textbox "Username or email address"
  - textbox "Password"
  - button "Show the password"
  - paragraph:
    - button "Log in"
  - paragraph:
    - link "Forgot your password?"
  - paragraph:
    - text: New here?
    - link "Register"
- contentinfo:
  - combobox "Language":
    - option "English" [selected]
  - button "Change"
"""
REFUSED_LOGIN = """
- main:
  - heading "Log in" [level=1]
  - alert:
    - heading "There is a problem" [level=2]
    - list:
      - listitem:
        - link /username/
      - listitem:
        - link /password/
  - paragraph: /^Error:/
  - textbox "Username or email address" [invalid]
  - paragraph: /^Error:/
  - textbox "Password" [invalid]
"""
CODE = """
- main:
  - heading "Authenticator app" [level=1]
  - textbox "Code"
  - paragraph:
    - button "Log in"
  - heading "Other ways in" [level=2]
  - list:
    - listitem:
      - link "Security key or passkey"
  - paragraph:
    - link "Start again"
"""
KEY = """
- main:
  - heading "Security key or passkey" [level=1]
  - paragraph:
    - button "Use the key or passkey"
  - status
  - heading "Other ways in" [level=2]
  - list:
    - listitem:
      - link "Authenticator app"
  - paragraph:
    - link "Start again"
"""
FAILED_KEY = """
- main:
  - paragraph:
    - button "Use the key or passkey"
  - status:
    - paragraph: /The key was not used/
"""
RECOVERY_CODE = """
- main:
  - heading "Recovery code" [level=1]
  - textbox "Recovery code"
  - paragraph:
    - button "Log in"
  - heading "Other ways in" [level=2]
  - list:
    - listitem:
      - link "Security key or passkey"
    - listitem:
      - link "Authenticator app"
"""
STEP_UP = """
- main:
  - heading "Is it you?" [level=1]
  - paragraph:
    - button "Use the key or passkey"
  - status
  - heading "Other ways" [level=2]
  - list:
    - listitem:
      - link "Authenticator app"
    - listitem:
      - link "Recovery code"
"""
NO_FACTORS = """
- main:
  - status: /Set up a second factor first/
  - navigation "Account":
    - list:
      - listitem:
        - link "Overview"
      - listitem:
        - link "Second factors"
  - navigation "Steps to your account":
    - list:
      - listitem: Register (done)
      - listitem: Verify your address (done)
      - listitem: Second factor
      - listitem: Recovery codes
  - heading "Choose your second factor" [level=1]
  - heading "Security key or passkey" [level=2]
  - paragraph:
    - link "Add a security key"
    - link "Add a passkey"
  - heading "Authenticator app" [level=2]
  - paragraph:
    - link "Add an authenticator app"
"""
FACTORS = """
- main:
  - heading "Second factors" [level=1]
  - heading "Security key or passkey" [level=2]
  - list:
    - listitem:
      - time
      - link /^Rename.+Key$/
      - link /^Remove.+Key$/
  - heading "Authenticator app" [level=2]
  - list:
    - listitem:
      - time
      - link /^Rename.+Phone$/
      - link /^Remove.+Phone$/
  - heading "Recovery codes" [level=2]
  - paragraph:
    - link /^Show that they are kept.+Recovery codes$/
"""
NEW_KEY = """
- main:
  - heading "Add a security key" [level=1]
  - textbox "Name": My security key
  - paragraph:
    - button "Add this key"
  - status
  - paragraph:
    - link "Choose another second factor"
"""
NEW_APP = """
- main:
  - heading "Add an authenticator app" [level=1]
  - list:
    - listitem:
      - heading "Give the app its setup key" [level=2]
      - img /QR code/
      - paragraph:
        - link "Open in an authenticator app on this device"
    - listitem:
      - heading "Show us that it works" [level=2]
      - textbox "Name": My authenticator app
      - textbox "Code"
      - paragraph:
        - button "Add this app"
  - heading "Did somebody else see the setup key?" [level=2]
  - paragraph:
    - button "Make a new setup key"
"""
SNAPSHOTS = [
    (states.login, SITE_AND_LOGIN),
    (states.login_without_anything, REFUSED_LOGIN),
    (states.give_code, CODE),
    (states.use_key, KEY),
    (states.use_key_failed, FAILED_KEY),
    (states.give_recovery_code, RECOVERY_CODE),
    (states.step_up_with_key, STEP_UP),
    (states.factors_none, NO_FACTORS),
    (states.factors_with_codes, FACTORS),
    (states.add_key, NEW_KEY),
    (states.enroll_totp, NEW_APP),
]


@pytest.mark.parametrize(
    ("reach", "snapshot"), SNAPSHOTS, ids=[reach.__name__ for reach, _ in SNAPSHOTS]
)
def test_a_screen_reader_finds_what_the_page_is_for(
    share_browser: ShareBrowser, site: ServedSite, reach: states.Reach, snapshot: str
) -> None:
    surfer = share_browser()

    reach(surfer, site)

    expect(surfer.page.locator("body")).to_match_aria_snapshot(snapshot)
