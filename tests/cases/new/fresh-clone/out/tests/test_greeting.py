import pytest

from p import greet


def test_greet_ignores_spaces_around_the_name() -> None:
    assert greet(" Ada ") == "Hello, Ada!"


def test_greet_refuses_an_empty_name() -> None:
    with pytest.raises(ValueError, match="the name is empty"):
        greet(" ")
