"""Operators that move or recode data, in PyTorch."""

import torch

from .torch_embedding import scales_int4, scales_int8, unpack_int4
from .torch_fill import mix
from .torch_operation import Operation


def concat(_data_type, shape, _device):
    inputs = shape["inputs"]
    return Operation(lambda x: torch.cat([x[i] for i in range(inputs)], dim=1), details={"call": "torch.cat"})


def split(_data_type, _shape, _device):
    return Operation(
        lambda x: x.transpose(0, 1).contiguous(), details={"call": "views made contiguous in one copy"}
    )


def quantise(data_type, shape, _device):
    return Operation(_to_int8 if data_type == "int8" else _to_int4)


def _to_int8(x):
    low, high = torch.aminmax(x, dim=1, keepdim=True)
    scale = (high - low) / 255
    codes = torch.round((x - low) / scale).clamp(0, 255).to(torch.uint8)
    return torch.cat((codes, scale.view(torch.uint8), low.view(torch.uint8)), dim=1)


def _to_int4(x):
    low, high = torch.aminmax(x, dim=1, keepdim=True)
    scale, bias = ((high - low) / 15).half(), low.half()
    codes = torch.round((x - bias.float()) / scale.float()).clamp(0, 15).to(torch.uint8)
    packed = codes[:, 0::2] | (codes[:, 1::2] << 4)
    return torch.cat((packed, scale.view(torch.uint8), bias.view(torch.uint8)), dim=1)


def dequantise(data_type, shape, _device):
    dim = shape["dim"]

    def from_int8(x):
        scale, bias = scales_int8(x, dim, slice(None))
        return x[:, :dim].float() * scale + bias

    def from_int4(x):
        scale, bias = scales_int4(x, dim, slice(None))
        return unpack_int4(x[:, : dim // 2]).float() * scale + bias

    return Operation(from_int8 if data_type == "int8" else from_int4)


def bucketise(_data_type, _shape, _device):
    def core(values, boundaries):
        return torch.bucketize(values, boundaries, out_int32=True, right=True)

    return Operation(core, details={"call": "torch.bucketize"})


def hash_ids(_data_type, shape, _device):
    rows = shape["rows"]

    def core(ids):
        return ((mix(ids).long() & 0xFFFFFFFF) % rows).int()

    return Operation(core, details={"call": "torch integer operators"})
