"""Problem files as KernelBench has them: `class Model(nn.Module)`, `get_inputs()`, `get_init_inputs()`."""

import random
import sys

import torch

from .failures import Failure
from .text_module import TextModules, line_in, run

# By which models are made, as KernelBench does: weights of a model and of its rewriting are the same.
MODEL_SEED = 42

_modules = TextModules("problem")


def refused(message):
    """A file that says not enough for a kernel to be judged by, or what is wrong."""
    return Failure("problem", message)


def seed_all(seed):
    torch.manual_seed(seed)
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed % 2**32)


class ProblemModule:
    """A loaded file: makes models and inputs by seed. Whatever is missing or fails is a failure of kind `problem`."""

    def __init__(self, text):
        self.module = _load(text)
        model = getattr(self.module, "Model", None)
        if not (isinstance(model, type) and issubclass(model, torch.nn.Module)):
            raise refused("has no class Model(nn.Module): without it there is no reference for a kernel's answers")
        if not callable(getattr(self.module, "get_inputs", None)):
            raise refused("has no function get_inputs(), which gives the arguments of Model.forward")
        self.model = model

    def make(self, cls, device, dtype):
        """A model of a class in that type, made by the seed; `cls` is Model or what is to stand for it."""
        seed_all(MODEL_SEED)
        arguments = _on_device(self._arguments(), device)
        seed_all(MODEL_SEED)
        model = cls(*arguments)
        return model.to(device=device, dtype=dtype) if dtype.is_floating_point else model.to(device)

    def make_model(self, device, dtype):
        with _said("Model(*get_init_inputs())", self.module):
            return self.make(self.model, device, dtype)

    def _arguments(self):
        make = getattr(self.module, "get_init_inputs", list)
        given = make()
        if not isinstance(given, (list, tuple)):
            raise refused(f"get_init_inputs() gives {_kind(given)}, where a list of arguments is expected")
        return list(given)

    def inputs(self, seed, device):
        """Arguments of forward, fresh for each seed."""
        with _said("get_inputs()", self.module):
            seed_all(seed)
            given = self.module.get_inputs()
        if not isinstance(given, (list, tuple)):
            raise refused(f"get_inputs() gives {_kind(given)}, where a list of arguments is expected")
        for place, each in enumerate(given):
            if not isinstance(each, (torch.Tensor, int, float, bool, str, type(None))):
                raise refused(f"argument {place} of get_inputs() is {_kind(each)}, neither a tensor nor a number")
        return _on_device(list(given), device)

    def forward(self, model, arguments, dtype):
        """Outputs in order, of copies of the arguments in a data type: a model may change what it is given."""
        with _said("Model.forward", self.module), torch.no_grad():
            return _outputs_of(model(*(_copied(each) for each in cast(arguments, dtype))))


def in_order(result):
    """What a forward gives, as a tuple: one result, several, or several by name."""
    if isinstance(result, dict):
        return tuple(result.values())
    return tuple(result) if isinstance(result, (list, tuple)) else (result,)


def _outputs_of(result):
    """Tensors of what Model.forward gives, in order."""
    results = in_order(result)
    if not results:
        raise refused("Model.forward gives no tensors, so there is nothing to compare")
    for place, each in enumerate(results):
        if not isinstance(each, torch.Tensor):
            raise refused(f"output {place} of Model.forward is {_kind(each)}, not a tensor")
    return results


def is_float(value):
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def cast(arguments, dtype):
    return [each.to(dtype) if is_float(each) else each for each in arguments]


def _copied(value):
    return value.clone() if isinstance(value, torch.Tensor) else value


def compute_in_full():
    """Products and convolutions in fp32 are not rounded to tf32 first."""
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = False


def _kind(value):
    name = type(value).__name__
    return "nothing" if value is None else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _on_device(arguments, device):
    return [each.to(device) if isinstance(each, torch.Tensor) else each for each in arguments]


class _said:
    """What fails inside is told of the file, by its own last line, and not of the harness."""

    def __init__(self, what, module):
        self.what, self.module = what, module

    def __enter__(self):
        return self

    def __exit__(self, _kind_of, error, trace):
        if error is None or isinstance(error, (Failure, torch.cuda.OutOfMemoryError)):
            return False
        if not isinstance(error, Exception):
            return False
        message = (str(error) or "no message").splitlines()[0]
        raise refused(f"{self.what} raises {type(error).__name__}: {message}{line_in(self.module, trace)}") from error


def _load(text):
    module = _modules.make(text)
    # torch.compile looks modules up by name.
    sys.modules[module.__name__] = module
    try:
        run(module)
    except SyntaxError as error:
        raise refused(f"is no Python: {error.msg} (line {error.lineno})") from None
    except Exception as error:
        line = line_in(module, error.__traceback__)
        raise refused(f"cannot be loaded: {type(error).__name__}: {error}{line}") from error
    return module
