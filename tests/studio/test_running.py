"""What a running studio writes down for commands in other terminals."""

from __future__ import annotations

import os
import stat

from studio import running


def test_it_is_read_while_the_studio_runs_and_by_us_only(tmp_path):
    about = running.Running(str(tmp_path), os.getpid(), "http://localhost:8017", "http://127.0.0.1:8101", "hush")
    running.note(tmp_path, about)
    assert running.read(tmp_path) == about
    assert stat.S_IMODE((tmp_path / running.FILE).stat().st_mode) == 0o600
    running.forget(tmp_path)
    assert running.read(tmp_path) == running.Running()


def test_it_means_nothing_in_a_copy_of_the_folder_or_after_a_crash(tmp_path):
    running.note(tmp_path, running.Running("/the/original", os.getpid(), "http://localhost:8017"))
    assert running.read(tmp_path) == running.Running()
    running.note(tmp_path, running.Running(str(tmp_path), 2**22 + 5, "http://localhost:8017"))
    assert running.read(tmp_path) == running.Running()


def test_it_survives_a_damaged_note(tmp_path):
    for said in ("", "[]", "{", '{"home": 3, "more": 1}'):
        (tmp_path / running.FILE).write_text(said)
        assert running.read(tmp_path) == running.Running()
