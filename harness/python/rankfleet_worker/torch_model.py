"""Sources with `class ModelNew(nn.Module)` on the tensors of a problem."""

from contextlib import nullcontext

import torch

from .byte_device import check_memories
from .failures import Failure
from .problem_module import in_order
from .torch_operation import TorchKernel, view_of
from .torch_problem import Instances


class ModelKernel(TorchKernel):
    """`watch` makes what the model's calls of PyTorch are watched by while its answers are looked at."""

    def __init__(self, operation, problem, cls, watch):
        super().__init__(operation, problem.tensors, "highest")
        self.problem = problem
        self.pool = Instances(problem, cls)
        self.watch = watch
        # Operators of PyTorch that it calls, where it may.
        self.computes_by = ""

    def bind(self, memories):
        check_memories(self.tensors, memories, torch.Tensor.numel)
        views = {each.name: view_of(each, memory) for each, memory in zip(self.tensors, memories)}
        model, *given = self.pool.prepared(views)
        targets = [(each, views[each.name]) for each in self.tensors if each.role == "output"]

        def compute():
            return model(*given)

        def answer():
            with self.watch() if self.watch else nullcontext():
                results = in_order(compute())
            if len(results) != len(targets):
                raise Failure("run", f"gives {len(results)} outputs, not {len(targets)}")
            for result, (tensor, target) in zip(results, targets):
                self._check(result, tensor, target)
                target.copy_(result)

        return compute, answer

    def _check(self, result, tensor, target):
        """A tensor itself, of the right type and sizes, on the right device: nothing that only pretends to be one."""
        if type(result) not in (torch.Tensor, torch.nn.Parameter):
            raise Failure("cheat", f"answers with a {type(result).__name__}, no tensor", rule="lazy tensor")
        if result.device != target.device:
            raise Failure("run", f"{tensor.name} lies on {result.device}, not on {target.device}")
        if tuple(result.shape) != tuple(tensor.dims):
            raise Failure("run", f"{tensor.name} is {list(result.shape)}, not {list(tensor.dims)}")
        if target.dtype.is_floating_point and result.dtype != target.dtype:
            raise Failure("run", f"{tensor.name} is {result.dtype}, not {target.dtype}")
