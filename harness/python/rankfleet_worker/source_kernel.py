"""Kernels that come in source: a Python module whose `launch(tensors, axes)` fills the outputs."""

import ctypes
import re
import traceback

from .failures import Failure
from .model_guard import guard_model
from .source_guard import guard
from .text_module import TextModules, run

_modules = TextModules("kernel")


def load(program, allowed, integrity):
    """The module's launch function, bound to the axes. Raises failures of kind `cheat`, `compile` or `run`."""
    text = program["source"]["text"]
    guard(text, program["dataType"], allowed)
    _die_with_parent()
    axes = dict(program["shape"])
    module = _module_of(text)
    integrity.check()
    return lambda tensors: module.launch(tensors, axes), module


def load_model(program, integrity):
    """The class ModelNew of a source, and its module. Raises as `load` does."""
    text = program["source"]["text"]
    guard_model(text, program["dataType"], program["problem"].get("allowsTorch", False))
    _die_with_parent()
    module = _module_of(text)
    integrity.check()
    return module.ModelNew, module


def _module_of(text):
    module = _modules.make(text)
    try:
        run(module)
    except Exception as error:
        raise refusal(error) from error
    return module


_compilers = ("CompilationError", "CompileTimeAssertionFailure", "UnsupportedLanguageConstruct", "PTXASError")
_resources = ("OutOfResources",)


def refusal(error):
    """The failure that an error of a source's first call is: its compiler's, or one of running it."""
    kinds = [each.__name__ for each in type(error).__mro__]
    message = f"{type(error).__name__}: {error}"
    is_compiler = any(each in kinds for each in (*_compilers, *_resources))
    return Failure("compile" if is_compiler else "run", message.splitlines()[0], log=_short_traceback(message))


def _short_traceback(message):
    """From the source's own lines on, which are known by no file."""
    lines = traceback.format_exc().strip().splitlines()[:-1]
    own = next((i for i, line in enumerate(lines) if _modules.folder in line), 0)
    text = "\n".join([*lines[own:][-16:], message])
    return re.sub(r'"[^"]*[\\/]kernel_\d+\.py"', '"kernel.py"', text)


def _die_with_parent():
    """A kernel that never ends must not outlive who waits for it."""
    try:
        ctypes.CDLL(None).prctl(1, 9)
    except (OSError, AttributeError):
        pass
