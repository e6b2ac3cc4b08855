"""Reading the static files: again only what was written since."""

import os
from pathlib import Path

from warehouse_mfa.http.static import read


def test_a_file_that_was_written_since_is_read_again_and_no_other(tmp_path: Path) -> None:
    changing, staying = tmp_path / "layout.css", tmp_path / "css" / "forms.css"
    staying.parent.mkdir()
    changing.write_text("a {}", encoding="ascii")
    staying.write_text("b {}", encoding="ascii")
    known = read(tmp_path)
    changing.write_text("c {}", encoding="ascii")
    later = changing.stat().st_mtime_ns + 1_000_000_000
    os.utime(changing, ns=(later, later))

    again = read(tmp_path, known)

    assert again["layout.css"].body == b"c {}"
    assert again["layout.css"].address != known["layout.css"].address
    assert again["css/forms.css"] is known["css/forms.css"]


def test_a_file_that_is_new_or_gone_is_noticed(tmp_path: Path) -> None:
    gone = tmp_path / "old.css"
    gone.write_text("a {}", encoding="ascii")
    known = read(tmp_path)
    gone.unlink()
    (tmp_path / "new.css").write_text("b {}", encoding="ascii")

    assert list(read(tmp_path, known)) == ["new.css"]
