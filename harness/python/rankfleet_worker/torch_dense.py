"""Dense operators as users write them in PyTorch."""

import torch
import torch.nn.functional as F

from .failures import unsupported
from .tensors import int8_scale
from .torch_operation import Operation

EPSILON = 1e-5


def gemm(data_type, shape, device):
    if data_type == "fp8":
        return _gemm_fp8(shape, device)
    if data_type == "int8":
        scale = int8_scale(shape["k"])
        return Operation(lambda a, w: to_int8(int_mm(a, w.t()) * scale), details=int_mm_details(shape["m"]))
    return Operation(lambda a, w: torch.mm(a, w.t()), details={"call": "torch.mm"})


def _gemm_fp8(shape, device):
    if any(shape[axis] % 16 for axis in ("n", "k")):
        raise unsupported("torch._scaled_mm wants n and k to be multiples of 16")
    one = torch.ones((), dtype=torch.float32, device=device)

    def core(a, w):
        return torch._scaled_mm(a, w.t(), scale_a=one, scale_b=one, out_dtype=torch.bfloat16)

    return Operation(core, details={"call": "torch._scaled_mm, accurate accumulation"})


def int_mm(a, b):
    """int32 product of int8 matrices; CUDA's wants more than 16 rows, so fewer are padded."""
    rows = a.size(0)
    if a.is_cuda and rows <= 16:
        return torch._int_mm(F.pad(a, (0, 0, 0, 32 - rows)), b)[:rows]
    return torch._int_mm(a, b)


def int_mm_details(rows):
    return {"call": "torch._int_mm, requantised" + (" (rows padded to 32)" if rows <= 16 else "")}


def to_int8(values):
    return values.round().clamp(-128, 127).to(torch.int8)


def bias_activation(_data_type, _shape, _device):
    return Operation(lambda x, bias: torch.relu(x + bias))


def elementwise(_data_type, shape, _device):
    if shape["inputs"] == 2:
        return Operation(lambda x: x[0] * x[1])
    return Operation(lambda x: x[0] * x[1] * x[2])


def dot_interaction(_data_type, shape, device):
    vectors = shape["vectors"]
    rows, columns = torch.tril_indices(vectors, vectors, offset=-1, device=device)

    def core(x):
        return torch.bmm(x, x.transpose(1, 2))[:, rows, columns]

    return Operation(core, details={"call": "torch.bmm and an index of the lower triangle"})


def cross_low_rank(data_type, shape, _device):
    if data_type == "int8":
        return _cross_int8(shape)

    def core(x0, x, v, w, bias):
        hidden = F.linear(x, v)
        return hidden, x0 * F.linear(hidden, w, bias) + x

    return Operation(core)


def _cross_int8(shape):
    down, up = int8_scale(shape["width"]), int8_scale(shape["rank"])

    def core(x0, x, v, w, bias):
        hidden = to_int8(int_mm(x, v.t()) * down)
        z = int_mm(hidden, w.t()) * up
        return hidden, to_int8(x0 * (z + bias) / 128 + x)

    return Operation(core, details=int_mm_details(shape["batch"]))


def factorisation_machine(_data_type, _shape, _device):
    def core(x):
        x = x.float()
        return 0.5 * (x.sum(1).square() - x.square().sum(1)).sum(1)

    return Operation(core)


def layer_norm(_data_type, shape, _device):
    n = shape["n"]
    return Operation(lambda x, gain, bias: F.layer_norm(x, (n,), gain, bias, EPSILON))


def rms_norm(_data_type, shape, _device):
    n = shape["n"]
    if hasattr(F, "rms_norm"):
        return Operation(lambda x, gain: F.rms_norm(x, (n,), gain, EPSILON), details={"call": "F.rms_norm"})

    def core(x, gain):
        values = x.float()
        return (values * torch.rsqrt(values.square().mean(-1, keepdim=True) + EPSILON) * gain).to(x.dtype)

    return Operation(core)
