"""An example: put your own code in its place."""


def greet(name: str) -> str:
    """Return the greeting for *name*, which must have a visible character."""
    name = name.strip()
    if not name:
        raise ValueError("the name is empty")
    return f"Hello, {name}!"
