"""Problems on a device: their tensors, their inputs by seed, their answers in float64, and Model as what is timed."""

import ctypes
import inspect
import re
from math import prod

import torch

from .failures import unsupported
from .problem_module import MODEL_SEED, ProblemModule, refused
from .tensors import problem_tensors
from .torch_operation import Operation, dtypes

_types = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}

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
            if data_type not in _types:
                raise unsupported(f"problems are computed in {', '.join(_types)}, not in {data_type}")
            self.known[key] = BoundProblem(problem, self.device, data_type)
        return self.known[key]

    def describe(self, text):
        _compute_in_full()
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


def describe(module, device):
    """
    Runs a problem once in float64 and says what it is made of: its tensors in the order in which kernels take them, its
    floating-point operations, and how its answers are found.
    """
    arguments = module.inputs(MODEL_SEED, device)
    native = next((each.dtype for each in arguments if _is_float(each)), torch.float32)
    model = module.make_model(device, torch.float32)
    outputs = module.forward(model, _cast(arguments, torch.float32))
    if not any(isinstance(each, torch.Tensor) for each in arguments):
        raise refused("get_inputs() gives no tensor, so every answer is the same")
    precision = _precision(module, device, arguments)
    _refuse_random(module, device, arguments, precision)
    tensors = [
        *_named(_argument_names(model, arguments), arguments, "input"),
        *_named(list(model.state_dict()), list(model.state_dict().values()), "parameter"),
        *_named(["out", *(f"out{place}" for place in range(1, len(outputs)))], outputs, "output"),
    ]
    own = _own_errors(module, device, arguments, precision)
    if not own:
        raise refused("has answers in none of the data types fp32, bf16 and fp16 that are finite")
    return {
        "tensors": _distinct(tensors),
        "constants": [
            {"name": name, "value": repr(each)}
            for name, each in zip(_argument_names(model, arguments), arguments)
            if not isinstance(each, torch.Tensor)
        ],
        "flops": _flops(module, model, _cast(arguments, torch.float32)),
        "precision": precision,
        "dataTypes": sorted(own, key=lambda name: _types[name] != native),
        "ownErrors": own,
    }


def _own_errors(module, device, arguments, precision):
    """
    How far the model itself is off, in each data type that it can be computed in: the most |answer − right one| over
    1 + |right one|, as kernels are judged.
    """
    errors = {}
    for name, dtype in _types.items():
        given = _cast(arguments, dtype)
        wide = torch.float64 if precision == "float64" else torch.float32
        try:
            own = module.forward(module.make_model(device, dtype), [_copied(each) for each in given])
            right = module.forward(module.make_model(device, dtype).to(wide), [_copied(each) for each in _cast(given, wide)])
        except torch.cuda.OutOfMemoryError:
            raise
        except Exception:
            # Operators that PyTorch does not have in this type on this device.
            continue
        worst = max(float(((a.double() - b.double()).abs() / (1 + b.double().abs())).max()) for a, b in zip(own, right))
        if worst < float("inf"):
            errors[name] = worst
    return errors


def _compute_in_full():
    """Products and convolutions in fp32 are not rounded to tf32 first."""
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = False


def _precision(module, device, arguments):
    """Float64 where the model can be computed in it; some make tensors of their own in another type."""
    try:
        module.forward(module.make_model(device, torch.float64), _cast(arguments, torch.float64))
        return "float64"
    except torch.cuda.OutOfMemoryError:
        raise
    except Exception:
        return "fp32"


def _refuse_random(module, device, arguments, precision):
    dtype = torch.float64 if precision == "float64" else torch.float32
    runs = []
    for turn in range(2):
        model = module.make_model(device, dtype)
        torch.manual_seed(MODEL_SEED + 1 + turn)
        runs.append(module.forward(model, [_copied(each) for each in _cast(arguments, dtype)]))
    for place, (one, other) in enumerate(zip(*runs)):
        if not bool(torch.isfinite(one).all()):
            raise refused(f"output {place} of Model.forward is not finite everywhere, which no kernel is judged by")
        if not torch.allclose(one.double(), other.double(), rtol=1e-6, atol=1e-6):
            raise refused(
                "is not deterministic: two runs of the same model on the same inputs differ; "
                "a model with dropout needs self.eval() or a rate of 0"
            )


def _copied(value):
    return value.clone() if isinstance(value, torch.Tensor) else value


def _is_float(value):
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def _cast(arguments, dtype):
    return [each.to(dtype) if _is_float(each) else each for each in arguments]


def _argument_names(model, arguments):
    names = []
    for parameter in inspect.signature(model.forward).parameters.values():
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            names.append(parameter.name)
    return [*names[: len(arguments)], *(f"input{place}" for place in range(len(names), len(arguments)))]


def _named(names, values, part):
    return [_described(name, value, part) for name, value in zip(names, values) if isinstance(value, torch.Tensor)]


def _described(name, value, part):
    if value.is_complex() or value.layout != torch.strided:
        raise refused(f"{name} is a tensor of {value.dtype} in {value.layout}: only dense real ones are compared")
    if value.numel() == 0:
        raise refused(f"{name} has no elements")
    if not value.is_floating_point() and int(value.long().abs().max()) >= 2**31:
        raise refused(f"{name} has integers beyond 32 bits")
    return {
        "name": re.sub(r"\W", "_", name),
        "from": name,
        "part": part,
        "kind": "float" if value.is_floating_point() else "integer",
        "dtype": str(value.dtype).removeprefix("torch."),
        "dims": list(value.shape),
    }


def _distinct(tensors):
    taken = {"scratch"}
    for each in tensors:
        while each["name"] in taken:
            each["name"] += "_"
        taken.add(each["name"])
    return tensors


def _flops(module, model, arguments):
    """Of products and convolutions, as PyTorch counts them: what is done element by element is left out."""
    try:
        from torch.utils.flop_counter import FlopCounterMode

        with FlopCounterMode(display=False) as counter:
            module.forward(model, arguments)
        return counter.get_total_flops()
    except Exception:
        return 0


class BoundProblem:
    """A problem in one data type on one device."""

    def __init__(self, problem, device, data_type):
        self.module = ProblemModule(problem["text"])
        self.device = device
        self.data_type = data_type
        self.dtype = _types[data_type]
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
            given = _cast(self.module.inputs(seed, self.device), self.dtype)
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
            _compute_in_full()
            given, _ = self.arguments(seed)
            dtype = torch.float64 if self.precision == "float64" else torch.float32
            model = self.module.make_model(self.device, self.dtype).to(dtype)
            outputs = self.module.forward(model, [_copied(each) for each in _cast(given, dtype)])
            names = [each.name for each in self.tensors if each.role == "output"]
            self.answered = (seed, {at: each.double().reshape(-1) for at, each in zip(names, outputs)})
        return self.answered[1][name]

    def operation(self, implementation):
        """Model itself, as it is or compiled."""
        pool = Instances(self, self.module.model)
        if implementation == "torch-eager":
            return Operation(
                lambda model, *given: _in_order(model(*given)),
                prepare=lambda views: pool.prepared(views),
                details={"call": "Model.forward"},
            )
        model = self.module.make_model(self.device, self.dtype)
        compiled = torch.compile(lambda state, given: torch.func.functional_call(model, state, given), dynamic=False)

        def prepare(views):
            instance, *given = pool.prepared(views)
            return {**dict(instance.named_parameters()), **dict(instance.named_buffers())}, tuple(given)

        return Operation(
            lambda state, given: _in_order(compiled(state, given)), prepare=prepare, details={"call": "torch.compile"}
        )

    def givens(self, views):
        """Arguments of forward from the operator's tensors, in the types that the file gives them."""
        given, _ = self.arguments(MODEL_SEED)
        names = iter(self.described)
        return [self._given(views, next(names)) if isinstance(each, torch.Tensor) else each for each in given]

    def _given(self, views, described):
        view = views[described["name"]]
        return view if described["kind"] == "float" else view.to(getattr(torch, described["dtype"]))


def _in_order(result):
    if isinstance(result, dict):
        return tuple(result.values())
    return tuple(result) if isinstance(result, (list, tuple)) else (result,)


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

