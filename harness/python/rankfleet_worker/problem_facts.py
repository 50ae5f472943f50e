"""What a problem file is made of: its tensors, its operations, and how far its own answers can be trusted."""

import inspect
import re

import torch

from .problem_module import MODEL_SEED, cast, compute_in_full, is_float, refused

data_types = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}


def describe(module, device):
    """
    Runs a problem once in float64 and says what it is made of: its tensors in the order in which kernels take them, its
    floating-point operations, and how its answers are found.
    """
    compute_in_full()
    arguments = module.inputs(MODEL_SEED, device)
    native = next((each.dtype for each in arguments if is_float(each)), torch.float32)
    model = module.make_model(device, torch.float32)
    outputs = module.forward(model, arguments, torch.float32)
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
        "flops": _flops(module, model, arguments),
        "precision": precision,
        "dataTypes": sorted(own, key=lambda name: data_types[name] != native),
        "ownErrors": own,
    }


def _own_errors(module, device, arguments, precision):
    """
    How far the model itself is off, in each data type that it can be computed in: the most |answer − right one| over
    1 + |right one|, as kernels are judged.
    """
    errors = {}
    for name, dtype in data_types.items():
        given = cast(arguments, dtype)
        wide = wide_type(precision)
        try:
            own = module.forward(module.make_model(device, dtype), given, dtype)
            right = module.forward(module.make_model(device, dtype).to(wide), given, wide)
        except torch.cuda.OutOfMemoryError:
            raise
        except Exception:
            # Operators that PyTorch does not have in this type on this device.
            continue
        worst = max(float(((a.double() - b.double()).abs() / (1 + b.double().abs())).max()) for a, b in zip(own, right))
        if worst < float("inf"):
            errors[name] = worst
    return errors


def wide_type(precision):
    """Type in which answers are right."""
    return torch.float64 if precision == "float64" else torch.float32


def _precision(module, device, arguments):
    """Float64 where the model can be computed in it; some make tensors of their own in another type."""
    try:
        module.forward(module.make_model(device, torch.float64), arguments, torch.float64)
        return "float64"
    except torch.cuda.OutOfMemoryError:
        raise
    except Exception:
        return "fp32"


def _refuse_random(module, device, arguments, precision):
    dtype = wide_type(precision)
    runs = []
    for turn in range(2):
        model = module.make_model(device, dtype)
        torch.manual_seed(MODEL_SEED + 1 + turn)
        runs.append(module.forward(model, arguments, dtype))
    for place, (one, other) in enumerate(zip(*runs)):
        if not bool(torch.isfinite(one).all()):
            raise refused(f"output {place} of Model.forward is not finite everywhere, which no kernel is judged by")
        if not torch.allclose(one.double(), other.double(), rtol=1e-6, atol=1e-6):
            raise refused(
                "is not deterministic: two runs of the same model on the same inputs differ; "
                "a model with dropout needs self.eval() or a rate of 0"
            )


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
            module.forward(model, arguments, torch.float32)
        return counter.get_total_flops()
    except Exception:
        return 0
