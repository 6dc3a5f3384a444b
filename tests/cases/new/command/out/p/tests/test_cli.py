import subprocess
import sys

import pytest

from p.cli import main


def test_main_greets(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["Ada"]) == 0
    assert capsys.readouterr().out == "Hello, Ada!\n"


def test_main_refuses_an_empty_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([" "])
    assert stopped.value.code == 2
    assert "the name is empty" in capsys.readouterr().err


def test_the_package_runs_as_a_module() -> None:
    command = [
        sys.executable,
        "-m",
        "p",
        "Ada",
    ]
    result = subprocess.run(command, capture_output=True, check=True, text=True)
    assert result.stdout == "Hello, Ada!\n"
