"""Faults, brought about on purpose: `python -m dev.faults [name…]`.

Real `warehouse-mfa serve` processes are driven over HTTP by people who remember what the site has
acknowledged. A module breaks one thing in the middle of that. Afterwards database and site must agree
with what those people remember: what was acknowledged is there, what was spent stays spent, nothing is
done by halves, and whoever was refused was told so with a 503 and when to come back.
"""
