"""Attention in PyTorch: padded, and over packed sequences of different lengths."""

import torch
import torch.nn.functional as F

from .failures import unsupported
from .torch_operation import Operation


def attention(_data_type, _shape, _device):
    return Operation(
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v), details={"call": "F.scaled_dot_product_attention"}
    )


def jagged_implementations(data_type, device):
    """Ways that this PyTorch has for packed sequences, best first."""
    ways = []
    if device.type == "cuda" and data_type != "fp32" and _varlen_attn():
        ways.append("torch-varlen")
    if hasattr(torch.nested, "nested_tensor_from_jagged"):
        ways.append("torch-nested")
    return [*ways, "torch-loop"]


def attention_jagged(implementation, shape):
    make = {"torch-varlen": _varlen, "torch-nested": _nested, "torch-loop": _loop}[implementation]
    return make(shape)


def _varlen_attn():
    try:
        from torch.nn.attention.varlen import varlen_attn

        return varlen_attn
    except ImportError:
        return None


def _arguments(views):
    """Tensors, offsets and the longest sequence, which a user's batch knows without asking the device."""
    offsets = views["offsets"]
    longest = int(offsets.diff().max())
    return views["q"], views["k"], views["v"], offsets, longest


def _varlen(_shape):
    call = _varlen_attn()
    if call is None:
        raise unsupported("this PyTorch has no torch.nn.attention.varlen")

    def core(q, k, v, offsets, longest):
        return call(q, k, v, offsets, offsets, longest, longest)

    details = {"call": "torch.nn.attention.varlen.varlen_attn"}
    return Operation(core, prepare=_arguments, details=details)


def _nested(_shape):
    def prepare(views):
        q, k, v, offsets, longest = _arguments(views)
        return q, k, v, offsets.long(), int(offsets.diff().min()), longest

    def core(q, k, v, offsets, shortest, longest):
        def nest(x):
            nested = torch.nested.nested_tensor_from_jagged(
                x, offsets, min_seqlen=shortest, max_seqlen=longest
            )
            return nested.transpose(1, 2)

        out = F.scaled_dot_product_attention(nest(q), nest(k), nest(v))
        return out.transpose(1, 2).values()

    details = {"call": "F.scaled_dot_product_attention on jagged nested tensors"}
    return Operation(core, prepare=prepare, details=details)


def _loop(_shape):
    def prepare(views):
        return views["q"], views["k"], views["v"], views["offsets"].tolist()

    def core(q, k, v, offsets):
        out = torch.empty_like(q)
        for first, last in zip(offsets, offsets[1:]):
            parts = (x[first:last].transpose(0, 1).unsqueeze(0) for x in (q, k, v))
            out[first:last] = F.scaled_dot_product_attention(*parts)[0].transpose(0, 1)
        return out

    details = {"call": "F.scaled_dot_product_attention, a sequence at a time"}
    return Operation(core, prepare=prepare, details=details)
