"""QR codes, as SVG.

What draws them takes 0.9 MB, which a process spends at the first application that it enrolls: logins
need none. Hence `views` finds this module by its name.
"""

from io import BytesIO

import segno


def svg(text: str) -> bytes:
    """Return the QR code of a text: dark on white, with a quiet zone."""
    drawing = BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawing, kind="svg", border=4, scale=6, dark="#000", light="#fff", xmldecl=False, nl=False
    )
    return drawing.getvalue()
