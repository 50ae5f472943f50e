"""Operators that our Triton kernels do: how each is launched on the operator's tensors."""

from math import prod

import torch
import triton

from . import triton_kernels as kernels
from .failures import unsupported
from .torch_dense import EPSILON
from .torch_operation import Operation

# Elements that one program holds at once.
TILE = 4096
LARGEST_TILE = 1 << 16
BLOCK = 2048

data_types = {
    "embedding-bag": ("fp32", "fp16", "int8", "int4"),
    "bias-activation": ("fp32", "bf16", "fp16"),
    "elementwise": ("fp32", "bf16", "fp16"),
    "factorisation-machine": ("fp32", "bf16", "fp16"),
    "layer-norm": ("fp32", "bf16", "fp16"),
    "rms-norm": ("fp32", "bf16", "fp16"),
}


def make(operator, data_type, shape):
    core = _makers[operator](data_type, shape)
    return Operation(core, direct=True, details={"call": "our Triton kernel"})


def launch_nothing():
    kernels.nothing[(1,)]()
    return ()


def _power(n):
    return triton.next_power_of_2(n)


def _warps(elements):
    return 1 if elements <= 512 else 2 if elements <= 1024 else 4 if elements <= 8192 else 8


def _embedding_bag(data_type, shape):
    dim, pooling, bags = shape["dim"], shape["pooling"], shape["bags"]
    columns = _power(dim // 2 if data_type == "int4" else dim)
    rows = max(1, min(_power(pooling), TILE // 2 // columns))
    warps = _warps(rows * columns)

    def floats(table, indices, out):
        kernels.bag_of_floats[(bags,)](
            table, indices, out, pooling, DIM=dim, ROWS=rows, COLUMNS=columns, num_warps=warps
        )
        return ()

    def codes(table, indices, out):
        kernel = kernels.bag_of_int8 if data_type == "int8" else kernels.bag_of_int4
        numbers = table.view(torch.float32 if data_type == "int8" else torch.float16)
        kernel[(bags,)](
            table, numbers, indices, out, pooling, DIM=dim, ROWS=rows, COLUMNS=columns, num_warps=warps
        )
        return ()

    return floats if data_type in ("fp32", "fp16") else codes


def _bias_activation(_, shape):
    n, total = shape["n"], shape["rows"] * shape["n"]

    def core(x, bias, out):
        kernels.add_bias_and_rectify[(triton.cdiv(total, BLOCK),)](x, bias, out, total, n, BLOCK=BLOCK)
        return ()

    return core


def _elementwise(_, shape):
    inputs, total = shape["inputs"], shape["rows"] * shape["n"]

    def core(x, out):
        kernels.multiply[(triton.cdiv(total, BLOCK),)](x, out, total, INPUTS=inputs, BLOCK=BLOCK)
        return ()

    return core


def _factorisation_machine(_, shape):
    batch, vectors, dim = shape["batch"], shape["vectors"], shape["dim"]
    tile = (_power(vectors), _power(dim))
    _refuse_large(tile)

    def core(x, out):
        kernels.interact_by_factors[(batch,)](
            x, out, vectors, DIM=dim, ROWS=tile[0], COLUMNS=tile[1], num_warps=_warps(prod(tile))
        )
        return ()

    return core


def _norm(shape, centre):
    rows, n = shape["rows"], shape["n"]
    columns = _power(n)
    tile = (max(1, min(_power(rows), TILE // columns)), columns)
    _refuse_large(tile)

    def launch(x, gain, bias, out):
        kernels.normalise[(triton.cdiv(rows, tile[0]),)](
            x,
            gain,
            bias,
            out,
            rows,
            n,
            EPSILON,
            CENTRE=centre,
            ROWS=tile[0],
            COLUMNS=tile[1],
            num_warps=_warps(prod(tile)),
        )
        return ()

    return launch if centre else lambda x, gain, out: launch(x, gain, gain, out)


def _refuse_large(tile):
    if prod(tile) > LARGEST_TILE:
        raise unsupported(f"our Triton kernel holds a tile of {LARGEST_TILE} elements, not {prod(tile)}")


_makers = {
    "embedding-bag": _embedding_bag,
    "bias-activation": _bias_activation,
    "elementwise": _elementwise,
    "factorisation-machine": _factorisation_machine,
    "layer-norm": lambda _, shape: _norm(shape, True),
    "rms-norm": lambda _, shape: _norm(shape, False),
}
