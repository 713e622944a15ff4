"""Finds the recipes and models that ship: in a checkout, or inside an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_SHIPPED = ("recipes", "models")


def find_asset(path: str | Path) -> Path:
    """Finds a file or folder that the user named, or that ships under ``recipes/`` or ``models/``.

    Args:
        path: As the user wrote it, such as ``recipes/sft/nano_lora.yaml`` or ``models/nano``.

    Returns:
        The path itself where it exists; else the shipped one of that name; else the path itself again, so
        that whoever opens it can say what is missing.
    """
    path = Path(path)
    if path.is_absolute() or path.exists() or not path.parts or path.parts[0] not in _SHIPPED:
        return path
    shipped = shipped_folder(path.parts[0]).joinpath(*path.parts[1:])
    return shipped if shipped.exists() else path


def shipped_folder(name: str) -> Path:
    """Returns the folder ``recipes`` or ``models`` of the checkout, else of the installed wheel."""
    checkout = find_checkout()
    return checkout / name if checkout is not None else _PACKAGE / f"_{name}"


def find_checkout() -> Path | None:
    """Returns the root of the checkout that this package runs from; None for an installed wheel."""
    root = _PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() and (root / "recipes").is_dir() else None
