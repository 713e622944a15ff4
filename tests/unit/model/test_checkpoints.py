from __future__ import annotations

from svgtune.model.checkpoints import find_checkpoint


def test_a_checkpoint_that_was_put_aside_is_none_of_the_runs(tmp_path):
    for name in ("checkpoint-3", "checkpoint-20", "checkpoint-30-old", "checkpoint-best", "my-checkpoint-40"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "trainer_state.json").write_text("{}")
    assert find_checkpoint(tmp_path) == tmp_path / "checkpoint-20"
