"""How a kernel made of PyTorch calls is described, and how it meets its tensors."""

from dataclasses import dataclass, field
from typing import Callable, Optional

import torch

from .byte_device import check_memories
from .tensors import stored_bytes, stored_dims

dtypes = {
    "f32": torch.float32,
    "f16": torch.float16,
    "bf16": torch.bfloat16,
    "f8": torch.float8_e4m3fn,
    "i8": torch.int8,
    "i32": torch.int32,
    "rows-int8": torch.uint8,
    "rows-int4": torch.uint8,
}


@dataclass
class Operation:
    """
    `core` takes the inputs and states and gives its outputs, as a user's code would: their copy into the operator's
    tensors is no part of what is timed. A direct core takes all tensors and writes the outputs itself.
    """

    core: Callable
    direct: bool = False
    # Makes the core's arguments from the views by name, outside the timing.
    prepare: Optional[Callable] = None
    capturable: bool = True
    # Whether the host's own pace is what is to be measured, or holds up the device anyway.
    host_paced: bool = False
    # Launches that a repeat should have at least.
    launches: int = 1
    # What stands in for the core when answers are wanted, where the core alone leaves none.
    verify: Optional[Callable] = None
    # Given results and arguments, puts into the reference's order what the call leaves open; no part of what is timed.
    settle: Optional[Callable] = None
    details: dict = field(default_factory=dict)
    checked_error: Optional[float] = None


class TorchKernel:
    def __init__(self, operation, tensors, precision, cores=None):
        self.operation = operation
        self.tensors = tensors
        self.precision = precision
        self.cores = cores
        self.details = operation.details
        self.checked_error = operation.checked_error

    def bind(self, memories):
        """A function that does what is timed, and one that leaves the answers in the operator's tensors."""
        check_memories(self.tensors, memories, torch.Tensor.numel)
        views = {each.name: view_of(each, memory) for each, memory in zip(self.tensors, memories)}
        operation = self.operation
        if operation.prepare:
            arguments = operation.prepare(views)
        elif operation.direct:
            arguments = list(views.values())
        else:
            arguments = [views[each.name] for each in self.tensors if each.role != "output"]
        targets = [] if operation.direct else [views[each.name] for each in self.tensors if each.role == "output"]

        def answer():
            results = (operation.verify or operation.core)(*arguments)
            results = results if isinstance(results, (tuple, list)) else (results,)
            if operation.settle:
                results = operation.settle(results, arguments)
            for target, result in zip(targets, results):
                if result.dtype != target.dtype:
                    raise TypeError(f"answers in {result.dtype}, not in {target.dtype}")
                target.copy_(result.reshape(target.shape))

        def compute():
            return operation.core(*arguments)

        return compute, answer


def view_of(tensor, memory):
    return memory[: stored_bytes(tensor)].view(dtypes[tensor.element]).view(stored_dims(tensor))
