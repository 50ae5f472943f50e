import torch
import torch.nn as nn
import triton
import triton.language as tl

WARPS = 4  # @knob warps {1, 2, 4, 8} of a row


@triton.jit
def layer_norm(x, gain, bias, out, width, epsilon, COLUMNS: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    column = tl.arange(0, COLUMNS)
    inside = column < width
    value = tl.load(x + row * width + column, mask=inside, other=0.0).to(tl.float32)
    centred = tl.where(inside, value - tl.sum(value, axis=0) / width, 0.0)
    scale = 1.0 / tl.sqrt(tl.sum(centred * centred, axis=0) / width + epsilon)
    factor = tl.load(gain + column, mask=inside, other=0.0).to(tl.float32)
    shift = tl.load(bias + column, mask=inside, other=0.0).to(tl.float32)
    result = centred * scale * factor + shift
    tl.store(out + row * width + column, result.to(out.dtype.element_ty), mask=inside)


class ModelNew(nn.Module):
    def __init__(self, width, epsilon):
        super().__init__()
        # Made in the order in which Model makes them, and under the same names.
        self.gain = nn.Parameter(1 + 0.1 * torch.randn(width))
        self.bias = nn.Parameter(0.1 * torch.randn(width))
        self.epsilon = epsilon

    def forward(self, x):
        out = torch.empty_like(x)
        rows, width = x.shape
        columns = triton.next_power_of_2(width)
        layer_norm[(rows,)](x, self.gain, self.bias, out, width, self.epsilon, columns, num_warps=WARPS)
        return out
