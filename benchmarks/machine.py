"""The machine that a measurement was taken on, as far as it matters for the figures. No host names."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

import psutil  # type: ignore[import-untyped]  # ships no types

_CPU_INFO: Final = Path("/proc/cpuinfo")
_PACKAGES: Final = ("livekit-agents", "livekit-plugins-aws")


@dataclass(frozen=True, slots=True)
class Machine:
    """``load_1m``: how many processes wanted a core in the minute before, which tells whether others were at work."""

    cpu: str
    cores: int
    memory_gib: float
    system: str
    python: str
    packages: dict[str, str]
    load_1m: float

    def sentence(self) -> str:
        """Name it in one line."""
        packages = ", ".join(f"{name} {version}" for name, version in self.packages.items())
        return (
            f"{self.cpu}, {self.cores} cores, {self.memory_gib:.1f} GiB; {self.system}; "
            f"Python {self.python}; {packages}; load before: {self.load_1m:.2f}"
        )


def this_machine() -> Machine:
    """Look at the machine now."""
    cpu_info = _CPU_INFO.read_text(encoding="utf-8") if _CPU_INFO.exists() else ""
    return Machine(
        cpu=cpu_model(cpu_info) or platform.processor() or platform.machine(),
        cores=os.cpu_count() or 1,
        memory_gib=psutil.virtual_memory().total / 2**30,
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        python=platform.python_version(),
        packages={name: metadata.version(name) for name in _PACKAGES},
        load_1m=psutil.getloadavg()[0],
    )


def cpu_model(cpu_info: str) -> str | None:
    """Find the CPU's name in the text of ``/proc/cpuinfo``; ARM kernels leave it out."""
    for line in cpu_info.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return None
