"""Problems on a device: their tensors, their inputs by seed, their answers in float64, and Model as what is timed."""

import ctypes
from math import prod

import torch

from .failures import unsupported
from .problem_facts import data_types, describe, wide_type
from .problem_module import MODEL_SEED, ProblemModule, cast, compute_in_full, in_order, refused
from .tensors import problem_tensors
from .torch_operation import Operation, dtypes

# Problems that are kept loaded.
MOST_PROBLEMS = 2


class Problems:
    """The problems of one device, by their key and data type."""

    def __init__(self, device):
        self.device = device
        self.known = {}

    def of(self, problem, data_type):
        key = (problem["key"], data_type)
        if key not in self.known:
            while len(self.known) >= MOST_PROBLEMS:
                del self.known[next(iter(self.known))]
            if data_type not in data_types:
                raise unsupported(f"problems are computed in {', '.join(data_types)}, not in {data_type}")
            self.known[key] = BoundProblem(problem, self.device, data_type)
        return self.known[key]

    def describe(self, text):
        return describe(ProblemModule(text), self.device)

    def fill(self, memory, problem, data_type, tensor, seed):
        stored = self.of(problem, data_type).stored(tensor, seed)
        memory[: stored.numel()].copy_(stored)

    def input_bytes(self, problem, data_type, tensor, seed, offset, bytes):
        stored = self.of(problem, data_type).stored(tensor, seed)[offset : offset + bytes].cpu().contiguous()
        # Memories are whole words: what lies behind the last element does not count.
        return ctypes.string_at(stored.data_ptr(), stored.numel()).ljust(bytes, b"\0")

    def answer_bytes(self, problem, data_type, tensor, seed, indices):
        """Float64 values of all elements, or of some."""
        values = self.of(problem, data_type).answers(tensor, seed)
        if indices is not None:
            values = values[torch.tensor(indices, device=values.device)]
        host = values.cpu().contiguous()
        return ctypes.string_at(host.data_ptr(), 8 * host.numel())


class BoundProblem:
    """A problem in one data type on one device."""

    def __init__(self, problem, device, data_type):
        self.module = ProblemModule(problem["text"])
        self.device = device
        self.data_type = data_type
        self.dtype = data_types[data_type]
        self.described = problem["tensors"]
        self.precision = problem["precision"]
        self.tensors = problem_tensors(problem, data_type)
        self.state = None
        self.made = (None, None, None)
        self.answered = (None, None)

    def arguments(self, seed):
        """Arguments of forward in the data type, and all inputs and parameters by name as they are stored."""
        if self.made[0] != seed:
            self.made = (None, None, None)
            given = cast(self.module.inputs(seed, self.device), self.dtype)
            if self.state is None:
                self.state = self.module.make_model(self.device, self.dtype).state_dict()
            values = [*(each for each in given if isinstance(each, torch.Tensor)), *self.state.values()]
            named = {}
            for each, tensor, value in zip(self.described, self.tensors, values):
                if tuple(value.shape) != tuple(tensor.dims):
                    raise refused(f"{each['name']} has other sizes with another seed: {list(value.shape)}")
                named[tensor.name] = value.to(dtypes[tensor.element]).contiguous()
            self.made = (seed, given, named)
        return self.made[1:]

    def stored(self, name, seed):
        """One input or parameter as bytes on the device."""
        return self.arguments(seed)[1][name].reshape(-1).view(torch.uint8)

    def answers(self, name, seed):
        """An output in float64, from the very numbers that kernels get."""
        if self.answered[0] != seed:
            self.answered = (None, None)
            compute_in_full()
            given, _ = self.arguments(seed)
            dtype = wide_type(self.precision)
            model = self.module.make_model(self.device, self.dtype).to(dtype)
            outputs = self.module.forward(model, given, dtype)
            names = [each.name for each in self.tensors if each.role == "output"]
            self.answered = (seed, {at: each.double().reshape(-1) for at, each in zip(names, outputs)})
        return self.answered[1][name]

    def operation(self, implementation):
        """Model itself, as it is or compiled."""
        pool = Instances(self, self.module.model)
        if implementation == "torch-eager":
            return Operation(
                lambda model, *given: in_order(model(*given)),
                prepare=lambda views: pool.prepared(views),
                details={"call": "Model.forward"},
            )
        model = self.module.make_model(self.device, self.dtype)
        compiled = torch.compile(lambda state, given: torch.func.functional_call(model, state, given), dynamic=False)

        def prepare(views):
            instance, *given = pool.prepared(views)
            return {**dict(instance.named_parameters()), **dict(instance.named_buffers())}, tuple(given)

        return Operation(
            lambda state, given: in_order(compiled(state, given)), prepare=prepare, details={"call": "torch.compile"}
        )

    def givens(self, views):
        """Arguments of forward from the operator's tensors, in the types that the file gives them."""
        given, _ = self.arguments(MODEL_SEED)
        names = iter(self.described)
        return [self._given(views, next(names)) if isinstance(each, torch.Tensor) else each for each in given]

    def _given(self, views, described):
        view = views[described["name"]]
        return view if described["kind"] == "float" else view.to(getattr(torch, described["dtype"]))


class Instances:
    """
    Models of one class on the tensors of different sets of inputs: each set has weights of its own, so that no cache holds
    them. Weights of another name stay as the seed has made them; buffers are copied, since forward may change them.
    """

    def __init__(self, problem, cls):
        self.problem = problem
        self.cls = cls
        self.made = {}

    def prepared(self, views):
        return self.on(views), *self.problem.givens(views)

    def on(self, views):
        key = tuple(view.data_ptr() for view in views.values())
        if key not in self.made:
            problem = self.problem
            self.made[key] = problem.module.make(self.cls, problem.device, problem.dtype)
        model = self.made[key]
        with torch.no_grad():
            self._give(model, views)
        return model

    def _give(self, model, views):
        own = {each["from"]: each for each in self.problem.described if each["part"] == "parameter"}
        for name, parameter in model.named_parameters():
            if name in own and own[name]["kind"] == "float" and list(parameter.shape) == own[name]["dims"]:
                parameter.data = views[own[name]["name"]]
        for name, buffer in model.named_buffers():
            if name in own and list(buffer.shape) == own[name]["dims"]:
                buffer.copy_(views[own[name]["name"]])


def trial_memories(problem):
    """Memories for a first call: inputs and parameters as they are, since integers may be indices."""
    _, named = problem.arguments(MODEL_SEED)
    empty = lambda tensor: torch.zeros(prod(tensor.dims), dtype=dtypes[tensor.element], device=problem.device)
    return [
        (named[tensor.name].reshape(-1).clone() if tensor.role == "input" else empty(tensor)).view(torch.uint8)
        for tensor in problem.tensors
    ]

