"""The base class of every recipe and of every section inside one."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of a recipe: frozen once read, and strict about names.

    What ``--help`` prints about a key is its ``Field(description=...)``, the docstring under it, or its lines
    under ``Attributes:`` in the class's docstring.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        protected_namespaces=(),
        use_attribute_docstrings=True,
        validate_default=True,
        ser_json_inf_nan="constants",
    )
