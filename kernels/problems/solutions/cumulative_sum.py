import torch
import torch.nn as nn
import triton
import triton.language as tl

COLUMNS = 1024  # @knob tiling {512, 1024, 2048, 4096} columns that are summed at once
WARPS = 8  # @knob warps {2, 4, 8, 16} of a row


@triton.jit
def running_sums(x, out, width, COLUMNS: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    before = 0.0
    for first in range(0, width, COLUMNS):
        column = first + tl.arange(0, COLUMNS)
        value = tl.load(x + row * width + column, mask=column < width, other=0.0).to(tl.float32)
        sums = before + tl.cumsum(value, axis=0)
        tl.store(out + row * width + column, sums.to(out.dtype.element_ty), mask=column < width)
        before += tl.sum(value, axis=0)


class ModelNew(nn.Module):
    def forward(self, x):
        out = torch.empty_like(x)
        rows, width = x.shape
        running_sums[(rows,)](x, out, width, COLUMNS, num_warps=WARPS)
        return out
