"""Changing a request in one to three places: its form, cookies, link, address, headers, bytes."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from dev.fuzz.credentials import changed_credential
from dev.fuzz.drafts import Draft, Input, Pairs
from dev.fuzz.scenes import ANYTHING, Scene
from dev.fuzz.texts import changed_bytes, changed_text, odd_text

CREDENTIAL = "credential"
TOKEN = "csrf_token"
QUERIES = ("next", "token", "factor", "before", "check", "csrf_token", "locale", "kind")
COOKIES = (
    "session", "login", "waiting", "device", "remember", "csrf", "mailed", "enroll", "held", "flash",
    "declined", "locale",
)  # fmt: skip
METHODS = ("GET", "POST", "HEAD", "PUT", "OPTIONS", "get", "")
HEADERS = {
    "Accept": ("application/json", "*/*;q=", "text/html;level=1", "\xff", ""),
    "Accept-Language": ("de", "ar,en;q=0.1", "xx-" + "y" * 400, "*", ";;q=\xff", "en\x00"),
    "Content-Type": (
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
        "",
        "\xff",
    ),
    "Content-Length": ("0", "-1", "99999999999999999999", "x", ""),
    "Content-Encoding": ("gzip", "\xff"),
    "Transfer-Encoding": ("chunked",),
    "Host": ("evil.example", "", "[::1", "127.0.0.1", "localhost:99999", "\xff"),
    "Origin": ("null", "https://evil.example", "\xff"),
    "Sec-Fetch-Site": ("same-origin", "cross-site", ""),
    "User-Agent": ("", "\x00\xff", "Mozilla/5.0 (" + "(" * 3000, "Firefox/" + "9" * 3000),
    "X-CSRF-Token": ("", "x", "\xff"),
    "X-Forwarded-For": ("1.2.3.4, x", "\xff", "::ffff:1.2.3.4%eth0"),
    "Cookie": ("session", "=", ";;;", 'session="\\303\\050"', "$Version=1; session=x", "\xff" * 9),
    "Range": ("bytes=0-1,5-",),
    "If-Modified-Since": ("Thu, 99 Jan 99999 00:00:00 GMT",),
    "If-None-Match": ("*",),
}

Change = Callable[[Random, Scene, Draft], None]


def input_of(random: Random, scene: Scene) -> Input:
    """Return one input of a scene."""
    is_form = random.random() < 0.7
    draft = (scene.form if is_form else random.choice(scene.pages)).copy()
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        random.choice(FORM_CHANGES if is_form else PAGE_CHANGES)(random, scene, draft)
    written = draft.written()
    return _changed_bytes(random, written) if random.random() < 0.08 else written


def _changed_bytes(random: Random, written: Input) -> Input:
    """Change what is written: no part of a request is safe from a line that drops bits."""
    match random.randrange(4):
        case 0:
            return replace(written, body=changed_bytes(random, written.body))
        case 1:
            return replace(written, query=_latin(random, written.query))
        case 2:
            return replace(written, path="/" + _latin(random, written.path[1:]))
        case _:
            name = random.choice([*written.headers] or ["Cookie"])
            changed = _latin(random, written.headers.get(name, ""))
            return replace(written, headers={**written.headers, name: changed})


def _latin(random: Random, text: str) -> str:
    return changed_bytes(random, text.encode("latin-1")).decode("latin-1")


# Pairs: the fields of a form, of a query, of a jar


def _change_pair(random: Random, pairs: Pairs, names: tuple[str, ...]) -> None:
    """Change one of them, or put one in, drop one, double one, rename one."""
    if not pairs or random.random() < 0.1:
        pairs.insert(random.randrange(len(pairs) + 1), (random.choice(names), odd_text(random)))
        return
    place = random.randrange(len(pairs))
    name, value = pairs[place]
    match random.randrange(10):
        case 0:
            del pairs[place]
        case 1:
            pairs.append((name, odd_text(random)))
        case 2:
            pairs[place] = (changed_text(random, name), value)
        case 3:
            pairs[place] = (name, random.choice(pairs)[1])
        case 4 | 5 | 6:
            pairs[place] = (name, odd_text(random))
        case _:
            pairs[place] = (name, changed_text(random, value))


def _change_field(random: Random, scene: Scene, draft: Draft) -> None:
    held = dict(draft.fields)
    if CREDENTIAL in held and random.random() < 0.85:
        changed = changed_credential(random, held[CREDENTIAL], scene.key)
        draft.fields = [*{**held, CREDENTIAL: changed}.items()]
        return
    # A wrong token ends everything early: it is left alone but for now and then.
    kept = [pair for pair in draft.fields if pair[0] == TOKEN and random.random() < 0.95]
    draft.fields = [pair for pair in draft.fields if pair not in kept]
    _change_pair(random, draft.fields, tuple(ANYTHING))
    draft.fields += kept


def _change_cookie(random: Random, scene: Scene, draft: Draft) -> None:
    _change_pair(random, draft.cookies, COOKIES)


def _change_query(random: Random, scene: Scene, draft: Draft) -> None:
    _change_pair(random, draft.query, QUERIES)


def _change_path(random: Random, scene: Scene, draft: Draft) -> None:
    if random.random() < 0.4:
        draft.path = random.choice(scene.pages).path
    elif random.random() < 0.8:
        segments = draft.path.split("/")
        place = random.randrange(1, len(segments))
        odd = odd_text(random)[:3000] if random.random() < 0.5 else ""
        segments[place] = odd or changed_text(random, segments[place])
        draft.path = "/".join(segments)
    else:
        draft.path = "/" + changed_text(random, draft.path[1:])


def _change_header(random: Random, scene: Scene, draft: Draft) -> None:
    name = random.choice([*HEADERS])
    odd = odd_text(random)[:4000] if random.random() < 0.2 else random.choice(HEADERS[name])
    draft.headers[name] = odd
    if name == "Cookie":
        draft.cookies = []


def _change_method(random: Random, scene: Scene, draft: Draft) -> None:
    draft.method = random.choice(METHODS)


FORM_CHANGES: tuple[Change, ...] = (
    *[_change_field] * 12,
    *[_change_cookie] * 3,
    _change_query,
    _change_path,
    _change_header,
    _change_method,
)
PAGE_CHANGES: tuple[Change, ...] = (
    *[_change_cookie] * 4,
    *[_change_query] * 4,
    *[_change_path] * 2,
    _change_header,
    _change_method,
)
