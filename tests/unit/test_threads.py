from __future__ import annotations

import pytest

from svgtune.threads import WAITING, set_waiting


def test_what_is_not_set_is_set() -> None:
    environment = {"PATH": "/bin"}
    set_waiting(environment)
    assert environment == {"PATH": "/bin", "OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "1000"}


@pytest.mark.parametrize(
    ("own", "after"),
    [
        ({"OMP_WAIT_POLICY": "ACTIVE"}, {"OMP_WAIT_POLICY": "ACTIVE"}),
        ({"GOMP_SPINCOUNT": "7"}, {**WAITING, "GOMP_SPINCOUNT": "7"}),
    ],
)
def test_what_the_user_has_set_stands(own: dict[str, str], after: dict[str, str]) -> None:
    set_waiting(own)
    assert own == after
