from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from svgtune.render.pool import RenderPool
from svgtune.render.raster import MAX_SVG_BYTES, render_svg
from svgtune.render.specimens import HOSTILE, write_specimen

SVGS = [write_specimen(seed) for seed in range(30)]
IMAGES = [render_svg(svg) for svg in SVGS]
TIMEOUT_S = 0.5
BLACK = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>'


@pytest.fixture(scope="module")
def pool() -> Iterator[RenderPool]:
    with RenderPool(workers=2, timeout_s=TIMEOUT_S) as pool:
        pool.render(SVGS[:2])
        yield pool


def wait_for(condition: object, limit_s: float = 10.0) -> bool:
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.01)
    return False


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_results_come_in_order_and_bit_exact(pool: RenderPool) -> None:
    results = pool.render(SVGS)
    assert len(results) == len(SVGS)
    for result, image in zip(results, IMAGES, strict=True):
        assert result.reason is None
        assert result.detail == ""
        assert result.seconds > 0
        assert result.image is not None
        assert np.array_equal(result.image, image)


def test_no_drawings_give_no_results(pool: RenderPool) -> None:
    assert pool.render([]) == []


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_drawing_costs_itself_only(pool: RenderPool, name: str) -> None:
    svgs = [*SVGS[:5], HOSTILE[name](), *SVGS[5:10]]
    start = time.monotonic()
    results = pool.render(svgs)
    assert time.monotonic() - start < TIMEOUT_S + 2.0
    hostile = results.pop(5)
    assert hostile.image is None
    assert hostile.reason in {"render_timeout", "render_memory", "render_error"}
    assert hostile.detail.startswith("render: ")
    for result, image in zip(results, IMAGES[:10], strict=True):
        assert np.array_equal(result.image, image)


def test_reasons_tell_time_memory_and_error_apart(pool: RenderPool) -> None:
    names = ["nested_use", "opacity_stack", "huge_canvas"]
    reasons = [result.reason for result in pool.render([HOSTILE[name]() for name in names])]
    assert reasons == ["render_timeout", "render_memory", "render_error"]


@pytest.mark.slow
def test_only_hostile_drawings_one_after_another(pool: RenderPool) -> None:
    bomb = HOSTILE["nested_use"]()
    results = pool.render([bomb, bomb, SVGS[0]])
    assert [r.reason for r in results] == ["render_timeout", "render_timeout", None]
    assert all(TIMEOUT_S <= r.seconds < TIMEOUT_S + 1 for r in results if r.reason)


def test_too_long_text_never_reaches_a_worker(pool: RenderPool) -> None:
    long, good = pool.render(["<svg>" + " " * MAX_SVG_BYTES, SVGS[0]])
    assert long.reason == "render_error"
    assert good.reason is None


def test_lone_surrogates_are_an_error_of_the_drawing(pool: RenderPool) -> None:
    assert [r.reason for r in pool.render(["<svg>\ud800</svg>", BLACK])] == ["render_error", None]


def test_idle_workers_killed_from_outside_cost_nothing(pool: RenderPool) -> None:
    for pid in pool.worker_pids:
        os.kill(pid, signal.SIGKILL)
    assert [r.reason for r in pool.render(SVGS[:4])] == [None] * 4


@pytest.mark.slow
def test_busy_worker_killed_from_outside_costs_one_drawing() -> None:
    with RenderPool(workers=1, timeout_s=5.0) as single:
        single.render(SVGS[:1])
        pid = single.worker_pids[0]
        killer = threading.Timer(0.2, os.kill, (pid, signal.SIGKILL))
        killer.start()
        results = single.render([HOSTILE["nested_use"](), *SVGS[:3]])
    assert [r.reason for r in results] == ["render_crash", None, None, None]
    assert "status -9" in results[0].detail


def test_stream_is_read_no_further_than_the_look_ahead(pool: RenderPool) -> None:
    taken = 0

    def count() -> Iterator[str]:
        nonlocal taken
        for svg in SVGS:
            taken += 1
            yield svg

    stream = pool.imap(count(), look_ahead=4)
    for number, (result, image) in enumerate(zip(stream, IMAGES, strict=True)):
        assert np.array_equal(result.image, image)
        assert taken <= number + 1 + 4
    assert taken == len(SVGS)


def test_abandoned_stream_leaves_the_pool_usable(pool: RenderPool) -> None:
    stream = pool.imap(iter(SVGS))
    next(stream)
    stream.close()
    assert all(np.array_equal(r.image, i) for r, i in zip(pool.render(SVGS), IMAGES, strict=True))


def test_two_streams_and_threads_share_a_pool(pool: RenderPool) -> None:
    pairs = list(zip(pool.imap(SVGS[:10]), pool.imap(SVGS[10:20]), strict=True))
    assert all(np.array_equal(a.image, IMAGES[i]) for i, (a, _) in enumerate(pairs))
    assert all(np.array_equal(b.image, IMAGES[10 + i]) for i, (_, b) in enumerate(pairs))
    outcomes: dict[int, bool] = {}

    def render(number: int) -> None:
        results = pool.render(SVGS)
        outcomes[number] = all(np.array_equal(r.image, i) for r, i in zip(results, IMAGES, strict=True))

    threads = [threading.Thread(target=render, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert outcomes == {0: True, 1: True, 2: True}


@pytest.mark.slow
def test_workers_are_recycled_without_loss() -> None:
    with RenderPool(workers=1, recycle_after=8, size_px=64) as single:
        before = single.render(SVGS[:1]) and single.worker_pids
        results = single.render(SVGS[:12])
        assert [r.reason for r in results] == [None] * 12
        assert results[0].image is not None
        assert results[0].image.shape == (64, 64, 3)
        assert single.worker_pids != before


@pytest.mark.slow
def test_a_slow_caller_does_not_let_a_hung_worker_run_on() -> None:
    with RenderPool(workers=1, timeout_s=TIMEOUT_S) as single:
        assert wait_for(lambda: single.render(SVGS[:1])[0].reason is None)
        pid = single.worker_pids[0]
        stream = single.imap([SVGS[0], HOSTILE["nested_use"](), SVGS[1]])
        next(stream)
        assert wait_for(lambda: not is_running(pid), limit_s=5)
        assert [r.reason for r in stream] == ["render_timeout", None]


@pytest.mark.slow
def test_workers_end_with_the_pool_and_with_its_process() -> None:
    with RenderPool(workers=1) as single:
        single.render([BLACK])
        pids = single.worker_pids
    assert not any(is_running(pid) for pid in pids)
    script = (
        "import os, signal; from svgtune.render.pool import RenderPool; p = RenderPool(workers=1);"
        f"p.render([{BLACK!r}]); print(p.worker_pids[0], flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    root = Path(__file__).resolve().parents[3]
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False
    )
    assert wait_for(lambda: not is_running(int(ended.stdout)))


def test_workers_import_nothing_heavy(pool: RenderPool) -> None:
    pool.render([BLACK])
    maps = Path(f"/proc/{pool.worker_pids[0]}/maps").read_text()
    assert "cairo" in maps
    assert not any(name in maps for name in ("torch", "transformers", "pyarrow", "/cv2"))
