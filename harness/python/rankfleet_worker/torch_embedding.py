"""Pooled lookups and their gradient in PyTorch."""

import torch
import torch.nn.functional as F

from .torch_operation import Operation

LEARNING_RATE = 0.01
ADAGRAD_EPSILON = 1e-8


def embedding_bag(data_type, shape, device):
    if data_type in ("fp32", "fp16"):
        # Indices come first in the call, the table first among the tensors.
        return Operation(
            lambda table, indices: F.embedding_bag(indices, table, mode="sum"), details={"call": "F.embedding_bag"}
        )
    if device.type == "cpu":
        return _quantised_bag_on_cpu(data_type, shape)
    make = _rows_int8 if data_type == "int8" else _rows_int4
    return Operation(make(shape), details={"call": "gather, dequantise and sum in torch operators"})


def _quantised_bag_on_cpu(data_type, shape):
    """PyTorch's own operators on these very rows, which it has on the CPU only."""
    name = "embedding_bag_byte_rowwise_offsets" if data_type == "int8" else "embedding_bag_4bit_rowwise_offsets"
    call = getattr(torch.ops.quantized, name)
    bags, pooling = shape["bags"], shape["pooling"]
    offsets = torch.arange(0, bags * pooling, pooling, dtype=torch.int32)

    def core(table, indices):
        return call(table, indices.view(-1), offsets).half()

    return Operation(core, details={"call": f"torch.ops.quantized.{name}"})


def _rows_int8(shape):
    dim = shape["dim"]

    def core(table, indices):
        scale, bias = scales_int8(table, dim, indices)
        return (table[:, :dim][indices].float() * scale + bias).sum(1).half()

    return core


def scales_int8(table, dim, rows):
    numbers = table.view(torch.float32)
    return numbers[:, dim // 4][rows].unsqueeze(-1), numbers[:, dim // 4 + 1][rows].unsqueeze(-1)


def _rows_int4(shape):
    dim = shape["dim"]

    def core(table, indices):
        scale, bias = scales_int4(table, dim, indices)
        codes = unpack_int4(table[:, : dim // 2][indices])
        return (codes.float() * scale + bias).sum(1).half()

    return core


def scales_int4(table, dim, rows):
    numbers = table.view(torch.float16)
    at = dim // 4
    return numbers[:, at][rows].float().unsqueeze(-1), numbers[:, at + 1][rows].float().unsqueeze(-1)


def unpack_int4(packed):
    """Codes of bytes that hold two, low nibble first."""
    return torch.stack((packed & 15, packed >> 4), dim=-1).flatten(-2)


def embedding_bag_backward(_data_type, _shape, _device):
    def prepare(views):
        """How many rows there are is known to who sorted the lookups: here it is counted once, outside the timing."""
        unique = int((views["rowIds"] >= 0).sum())
        starts = views["rowStarts"][: unique + 1]
        return (
            views["table"],
            views["momentum"],
            views["rowIds"][:unique],
            starts,
            views["bagOf"],
            views["grad"],
        )

    def core(table, momentum, rows, starts, bag_of, grad):
        unique = rows.numel()
        position = torch.arange(unique, device=rows.device)
        row_of = torch.repeat_interleave(position, starts.diff(), output_size=bag_of.numel())
        gradient = torch.zeros((unique, grad.size(1)), dtype=torch.float32, device=grad.device)
        gradient.index_add_(0, row_of, grad[bag_of])
        level = momentum[rows] + gradient.square().mean(1)
        momentum[rows] = level
        step = LEARNING_RATE * gradient / (level.sqrt() + ADAGRAD_EPSILON).unsqueeze(1)
        table[rows] = (table[rows].float() - step).to(table.dtype)
        return ()

    details = {"call": "index_add of the rows' gradients, Adagrad in torch operators"}
    return Operation(core, direct=True, prepare=prepare, details=details)
