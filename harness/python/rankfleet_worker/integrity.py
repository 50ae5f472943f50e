"""Notices what a kernel has done to the process that runs it: functions replaced, threads begun."""

import os
import sys
import threading
import time

from .failures import Failure

_clocks = [(time, name) for name in ("perf_counter", "perf_counter_ns", "monotonic", "sleep", "time")]


class Integrity:
    """Made before any source is loaded; `check` compares with what was there then."""

    def __init__(self, framework=()):
        """`framework`: owners and names of the functions by which answers are read and times are taken."""
        own = [module for name, module in sys.modules.items() if name.startswith("rankfleet_worker")]
        names = [(module, name) for module in own for name, value in vars(module).items() if callable(value)]
        self.before = [(owner, name, getattr(owner, name)) for owner, name in (*names, *_clocks, *framework)]
        # A framework begins threads of the system when it pleases.
        self.counts_system = not framework
        self.threads = self._threads()

    def check(self):
        for owner, name, value in self.before:
            if getattr(owner, name, None) is not value:
                raise Failure("cheat", f"{owner.__name__}.{name} was replaced", rule="patched functions")
        if self._threads() > self.threads:
            raise Failure("cheat", "threads were begun that still run", rule="own threads")

    def _threads(self):
        counted = threading.active_count()
        if not self.counts_system:
            return counted
        try:
            return counted + len(os.listdir("/proc/self/task"))
        except OSError:
            return counted
