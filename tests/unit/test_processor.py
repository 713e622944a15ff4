from __future__ import annotations

from svgtune.processor import has_fast_bf16, read_cpu_flags


def test_cpu_flags_are_read_from_the_first_processor(tmp_path):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nflags\t\t: fpu avx2 amx_bf16\n\nprocessor\t: 1\nflags\t: fpu\n")
    assert read_cpu_flags(cpuinfo) == {"fpu", "avx2", "amx_bf16"}
    assert read_cpu_flags(tmp_path / "absent") == frozenset()


def test_bf16_is_fast_where_a_processor_has_its_instructions():
    assert has_fast_bf16(frozenset({"avx2", "avx512_bf16"}))
    assert has_fast_bf16(frozenset({"amx_bf16"}))
    assert not has_fast_bf16(frozenset({"avx2", "avx512f"}))
