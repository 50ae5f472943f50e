"""Products, norms and rows that kernels are searched for, as users write them in PyTorch."""

import torch
import torch.nn.functional as F

from .torch_dense import EPSILON
from .torch_operation import Operation


def optimised_fm(_data_type, _shape, _device):
    def core(x, y):
        return torch.bmm(x, torch.bmm(x.transpose(1, 2), y))

    return Operation(core, details={"call": "torch.bmm twice, X·(XᵀY)"})


def optimised_fm_reassociated(_data_type, _shape, _device):
    def core(x, y):
        return torch.bmm(torch.bmm(x, x.transpose(1, 2)), y)

    return Operation(core, details={"call": "torch.bmm twice, (XXᵀ)Y"})


def pffn(_data_type, shape, _device):
    width, gelu = shape["width"], shape["gelu"] == 1

    def core(x, w, bias, gain):
        hidden = torch.bmm(x, w) + bias.unsqueeze(1)
        if gelu:
            hidden = F.gelu(hidden)
        return F.rms_norm(hidden, (width,), gain, EPSILON)

    return Operation(core, details={"call": "torch.bmm, bias, F.gelu, F.rms_norm"})


def conv1d(_data_type, _shape, _device):
    return Operation(
        lambda x, w, bias: F.conv1d(x, w, bias, padding="same"), details={"call": "F.conv1d, padding same"}
    )


def conv1d_as_conv2d(_data_type, _shape, _device):
    """Channels last, of which the answer stays."""

    def core(x, w, bias):
        wide, taps = (each.unsqueeze(2).to(memory_format=torch.channels_last) for each in (x, w))
        return F.conv2d(wide, taps, bias, padding="same").squeeze(2)

    return Operation(core, details={"call": "F.conv2d on channels_last copies"})


def rms_norm_backward(data_type, shape, device):
    """The kernel that autograd calls, where this PyTorch has one: the forward pass has left 1 / root mean square."""
    backend = "CUDA" if device.type == "cuda" else "CPU"
    name = "aten::_fused_rms_norm_backward"
    if not hasattr(torch.ops.aten, "_fused_rms_norm_backward") or not _has_kernel(name, backend):
        return rms_norm_backward_written_out(data_type, shape, device)
    n = shape["n"]

    def prepare(views):
        x = views["x"]
        root = torch.rsqrt(x.float().square().mean(-1, keepdim=True) + EPSILON)
        return x, views["gain"], views["dy"], root

    def core(x, gain, dy, root):
        return torch.ops.aten._fused_rms_norm_backward(dy, x, [n], root, gain, [True, True])

    return Operation(core, prepare=prepare, details={"call": f"torch.ops.{name.replace('::', '.')}"})


def _has_kernel(name, backend):
    return torch._C._dispatch_has_kernel_for_dispatch_key(name, backend)


def rms_norm_backward_written_out(_data_type, _shape, _device):
    def core(x, gain, dy):
        values, gradient = x.float(), dy.float()
        root = torch.rsqrt(values.square().mean(-1, keepdim=True) + EPSILON)
        direct = gradient * gain.float()
        along = (direct * values).mean(-1, keepdim=True) * root.square()
        dx = root * (direct - values * along)
        return dx.to(x.dtype), (gradient * values * root).sum(0).to(gain.dtype)

    return Operation(core, details={"call": "written out in torch operators"})


def softmax(_data_type, _shape, _device):
    return Operation(lambda x: torch.softmax(x, dim=1), details={"call": "torch.softmax"})


def swiglu(_data_type, _shape, _device):
    return Operation(lambda a, b: F.silu(a) * b, details={"call": "F.silu, times"})


def cross_entropy(_data_type, _shape, _device):
    def prepare(views):
        # Users hold targets as PyTorch wants them.
        return views["logits"], views["targets"].long()

    def core(logits, targets):
        return F.cross_entropy(logits.float(), targets, reduction="none")

    return Operation(core, prepare=prepare, details={"call": "F.cross_entropy of fp32 logits, no reduction"})


def top_k(_data_type, shape, _device):
    k = shape["k"]
    return Operation(
        lambda x: torch.topk(x, k, dim=1),
        settle=_in_order_of_columns,
        details={"call": "torch.topk, equals in any order"},
    )


def _in_order_of_columns(results, arguments):
    """torch.topk leaves open which of equals comes first: a right answer is given with the one further left first."""
    (values, columns), (x,) = results, arguments
    ordered = torch.sort(x, dim=1, descending=True, stable=True)
    best, wanted = (each[:, : values.size(1)] for each in ordered)
    are_different = bool((columns.sort(1).values.diff(dim=1) > 0).all())
    if are_different and torch.equal(values, best) and torch.equal(x.gather(1, columns), values):
        columns = wanted
    return values, columns.int()
