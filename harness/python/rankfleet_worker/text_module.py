"""Modules whose text comes from outside: each in a file of its own, which Triton and torch.compile read it from."""

import atexit
import importlib.util
import itertools
import os
import shutil
import tempfile
import traceback


class TextModules:
    """Modules of one kind, in a temporary folder that goes with the process."""

    def __init__(self, kind):
        self.kind = kind
        self.folder = None
        self.numbers = itertools.count(1)

    def make(self, text):
        """The module, whose text `run` has yet to run."""
        if self.folder is None:
            self.folder = tempfile.mkdtemp(prefix=f"rankfleet-{self.kind}-")
            atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        name = f"{self.kind}_{next(self.numbers)}"
        file = os.path.join(self.folder, f"{name}.py")
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(text)
        return importlib.util.module_from_spec(importlib.util.spec_from_file_location(name, file))


def run(module):
    module.__spec__.loader.exec_module(module)


def line_in(module, trace):
    """` (line 7)`: the innermost line of the module that a trace passes through, if it does."""
    own = [each.lineno for each in traceback.extract_tb(trace) if each.filename == module.__file__]
    return f" (line {own[-1]})" if own else ""
