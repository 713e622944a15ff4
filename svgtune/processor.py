"""What this machine's processor can do."""

from __future__ import annotations

from pathlib import Path

_BF16 = frozenset({"avx512_bf16", "amx_bf16"})


def read_cpu_flags(cpuinfo: Path = Path("/proc/cpuinfo")) -> frozenset[str]:
    """Reads the processor's feature flags; empty where the system does not list them."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() in {"flags", "Features"}:
            return frozenset(value.split())
    return frozenset()


def has_fast_bf16(flags: frozenset[str]) -> bool:
    """Says whether a processor with these flags multiplies in bf16; without them it is slower than fp32."""
    return bool(flags & _BF16)
