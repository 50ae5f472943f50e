"""What the host says about its processor and memory."""

import os
import platform


def cpu_description(framework, versions):
    """Description of the CPU as a device that `framework` runs on."""
    return {
        "name": cpu_name(),
        "kind": "cpu",
        "memoryBytes": memory_bytes(),
        "cacheBytes": cache_bytes(),
        "units": os.cpu_count() or 1,
        "versions": {"python": platform.python_version(), **versions},
        "details": {"framework": framework, "timed by": "the worker's monotonic clock"},
    }


def cpu_name():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith(("model name", "Model")):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def memory_bytes():
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return 0


def cache_bytes():
    """Bytes of the largest cache that the first core sees, 0 where the system does not tell."""
    largest = 0
    folder = "/sys/devices/system/cpu/cpu0/cache"
    try:
        for entry in os.listdir(folder):
            if entry.startswith("index"):
                with open(f"{folder}/{entry}/size", encoding="utf-8") as file:
                    text = file.read().strip()
                factor = {"K": 2**10, "M": 2**20, "G": 2**30}.get(text[-1], 1)
                largest = max(largest, int(text.rstrip("KMG")) * factor)
    except (OSError, ValueError):
        pass
    return largest
