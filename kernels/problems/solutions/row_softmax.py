import torch
import torch.nn as nn
import triton
import triton.language as tl

WARPS = 8  # @knob warps {2, 4, 8, 16} of a row


@triton.jit
def softmax(x, out, width, COLUMNS: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    column = tl.arange(0, COLUMNS)
    inside = column < width
    value = tl.load(x + row * width + column, mask=inside, other=float("-inf")).to(tl.float32)
    power = tl.exp(value - tl.max(value, axis=0))
    share = power / tl.sum(power, axis=0)
    tl.store(out + row * width + column, share.to(out.dtype.element_ty), mask=inside)


class ModelNew(nn.Module):
    def forward(self, x):
        out = torch.empty_like(x)
        rows, width = x.shape
        softmax[(rows,)](x, out, width, triton.next_power_of_2(width), num_warps=WARPS)
        return out
