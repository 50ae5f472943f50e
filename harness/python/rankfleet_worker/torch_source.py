"""Kernels that come in source, on PyTorch's tensors: what they may call, and what is known of them once compiled."""

from contextlib import contextmanager

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from .failures import Failure
from .integrity import Integrity
from .model_guard import is_model
from .source_guard import allowed_by_torch
from .source_kernel import load, load_model, refusal
from .tensors import tensors_of_program
from .torch_model import ModelKernel
from .torch_operation import Operation, TorchKernel

# What a launch may ask of PyTorch itself: memory, cleared memory, and other views of memory.
_memory_operators = {
    *("empty", "empty_like", "empty_strided", "new_empty", "new_empty_strided", "zeros", "zeros_like", "new_zeros"),
    *("zero_", "fill_", "view", "_unsafe_view", "_reshape_alias", "as_strided", "alias", "detach", "lift_fresh"),
    *("select", "slice", "narrow", "transpose", "t", "permute", "expand", "unsqueeze", "squeeze", "unbind", "split"),
}


class _OnlyMemory(TorchDispatchMode):
    def __init__(self, allowed):
        super().__init__()
        self.allowed = allowed

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func._schema.name
        if name.split("::")[-1] not in self.allowed:
            raise Failure("cheat", f"the source computes by {name}", rule="vendor operator")
        return func(*args, **(kwargs or {}))


class _Noted(TorchDispatchMode):
    def __init__(self, usual):
        super().__init__()
        self.usual = usual
        self.names = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func._schema.name
        if name.split("::")[-1] not in self.usual:
            self.names.add(name)
        return func(*args, **(kwargs or {}))


_watched_names = [
    *((torch, name) for name in ("empty", "empty_like", "zeros", "frombuffer", "from_numpy")),
    *((torch.Tensor, name) for name in ("copy_", "fill_", "cpu", "view", "data_ptr", "zero_", "contiguous")),
    *((torch.cuda, name) for name in ("synchronize", "Event", "CUDAGraph", "graph", "Stream", "current_stream")),
    *((torch.cuda.Event, name) for name in ("record", "elapsed_time", "synchronize")),
    (torch.cuda.CUDAGraph, "replay"),
]


class Sources:
    """Builds kernels from sources, and watches what they do."""

    def __init__(self, also_allowed=frozenset()):
        """`also_allowed`: operators of PyTorch that whatever launches kernels uses by itself."""
        self.integrity = Integrity(_watched_names)
        self.allowed = _memory_operators | also_allowed

    def build(self, program, trial_memories, problem=None):
        """`trial_memories` gives memory of its own for a first call, by tensors."""
        if problem and is_model(program["source"]["text"]):
            return self._build_model(program, trial_memories, problem)
        launch, module = load(program, allowed_by_torch, self.integrity)
        operation = Operation(launch, direct=True, prepare=lambda views: (views,))
        kernel = SourceKernel(operation, tensors_of_program(program), "highest")
        self._try(kernel, trial_memories)
        kernel.details = _resources(module)
        return kernel

    def _build_model(self, program, trial_memories, problem):
        cls, module = load_model(program, self.integrity)
        allows_torch = program["problem"].get("allowsTorch", False)
        kernel = ModelKernel(Operation(None), problem, cls, None if allows_torch else self._only_memory)
        kernel.cores = program.get("cores")
        self._try(kernel, trial_memories)
        kernel.details = _resources(module)
        if allows_torch:
            kernel.computes_by = self._operators_of(kernel, trial_memories)
        return kernel

    def _only_memory(self):
        return _OnlyMemory(self.allowed)

    def _operators_of(self, kernel, trial_memories):
        """Operators of PyTorch that a model is made of, beside memory and views."""
        compute, _ = kernel.bind(trial_memories(kernel.tensors))
        with _Noted(self.allowed) as noted, torch.no_grad():
            compute()
        return ", ".join(sorted(noted.names))

    def _try(self, kernel, trial_memories):
        try:
            # Once without a watch: what is compiled or tuned on a first call uses PyTorch as it likes.
            with torch.no_grad():
                kernel.bind(trial_memories(kernel.tensors))[0]()
            if torch.cuda.is_available():
                torch.cuda.synchronize()
        except torch.cuda.OutOfMemoryError:
            pass
        except Exception as error:
            raise refusal(error) from error
        finally:
            self.integrity.check()

    @contextmanager
    def watched(self, kernel, *, only_memory):
        if not isinstance(kernel, (SourceKernel, ModelKernel)):
            yield
            return
        try:
            # A model is watched by itself: its answers are copied once it is done.
            if only_memory and isinstance(kernel, SourceKernel):
                with _OnlyMemory(self.allowed):
                    yield
            else:
                yield
        except (Failure, torch.cuda.OutOfMemoryError):
            raise
        except Exception as error:
            raise refusal(error) from error
        finally:
            self.integrity.check()


class SourceKernel(TorchKernel):
    pass


def _resources(module):
    """Of the kernel with the most registers among those that Triton has compiled; nothing where it keeps them elsewhere."""
    found = []
    for function in vars(module).values():
        function = getattr(function, "fn", function) if type(function).__name__ == "Autotuner" else function
        for compiled in _compiled(function):
            registers = getattr(compiled, "n_regs", None)
            if registers is None:
                continue
            metadata = compiled.metadata
            found.append(
                {
                    "registers": int(registers),
                    "spilledBytes": 4 * int(getattr(compiled, "n_spills", 0) or 0),
                    "dynamicSharedBytes": int(getattr(metadata, "shared", 0) or 0),
                    "threadsPerBlock": 32 * int(getattr(metadata, "num_warps", 0) or 0),
                }
            )
    return max(found, key=lambda each: each["registers"], default={})


def _compiled(function):
    """Compiled forms of a function of Triton, whose places differ between its versions."""
    caches = getattr(function, "device_caches", None) or getattr(function, "cache", None)
    if not hasattr(caches, "values"):
        return
    for cache in list(caches.values()):
        kernels = cache[0] if isinstance(cache, tuple) else cache
        if hasattr(kernels, "values"):
            yield from list(kernels.values())
