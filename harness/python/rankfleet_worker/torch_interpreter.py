"""Triton's interpreter: kernels in source give their answers on the CPU, as they would on a GPU. Its times say nothing."""

import numpy as np
import triton.language as tl
from triton.runtime.interpreter import InterpreterBuilder, TensorHandle

from .failures import unsupported
from .torch_device import TorchDevice
from .torch_source import Sources

# What the interpreter itself asks of PyTorch around each launch.
_own_operators = {"set_", "copy_"}


class InterpreterDevice(TorchDevice):
    def __init__(self):
        super().__init__("cpu", 0)
        _multiply_bf16_by_value()

    def describe(self):
        about = super().describe()
        details = {"framework": "PyTorch and Triton's interpreter", "timed by": "nothing: it only gives answers"}
        return {**about, "name": f"{about['name']} by Triton's interpreter", "details": details, "answersOnly": True}

    def implementations(self):
        return {}

    def make_sources(self):
        return Sources(_own_operators)

    def time(self, launches, warm_up, repeats):
        raise unsupported("Triton's interpreter gives answers, no times")


def _multiply_bf16_by_value():
    """The interpreter keeps bf16 as the words that it is stored in, and multiplies matrices of these."""
    multiply = InterpreterBuilder.create_dot

    def create_dot(self, a, b, *rest):
        return multiply(self, _widened(a), _widened(b), *rest)

    InterpreterBuilder.create_dot = create_dot


def _widened(operand):
    if operand.get_element_ty() is not tl.bfloat16:
        return operand
    return TensorHandle((operand.data.astype(np.uint32) << 16).view(np.float32), tl.float32)
