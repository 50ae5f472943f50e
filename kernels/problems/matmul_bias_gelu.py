"""A linear layer with GELU behind it, in its exact form."""

import torch
import torch.nn as nn
import torch.nn.functional as F

ROWS, DEPTH, WIDTH = 512, 512, 1024


class Model(nn.Module):
    def __init__(self, depth, width):
        super().__init__()
        self.linear = nn.Linear(depth, width)

    def forward(self, x):
        return F.gelu(self.linear(x))


def get_inputs():
    return [torch.randn(ROWS, DEPTH)]


def get_init_inputs():
    return [DEPTH, WIDTH]
