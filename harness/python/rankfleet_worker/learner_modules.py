"""Parts of the learner as modules of PyTorch, with the initial values that rankfleet's own learner draws."""

import random
from math import sqrt

import torch
from torch import nn

# Standard deviation of a fresh embedding; a model choice.
_EMBEDDING_DEVIATION = 0.05

# Parts that draw their own initial parameters, so that leaving one out changes no other.
_STREAMS = {"tables": 0, "backbone": 1, "serving head": 2, "adapter": 3, "distillation head": 4}

# Log-odds stay within these, so that those of a logged 0 or 1 are finite.
_MAX_LOGIT = 16


class Draws:
    """Initial values of one part, by a generator that its name and the seed make."""

    def __init__(self, seed, part, at=0):
        key = random.Random(f"{seed}/{_STREAMS[part]}/{at}").getrandbits(63)
        self.generator = torch.Generator().manual_seed(key)

    def normal(self, parameter, deviation):
        with torch.no_grad():
            parameter.copy_(deviation * torch.randn(parameter.shape, generator=self.generator, dtype=torch.float64))


def embeddings(rows, dim, dtype, draws):
    """All tables, one after the other. Their gradient is sparse: of the rows that a batch looks up."""
    tables = nn.Embedding(sum(rows), dim, sparse=True, dtype=dtype)
    draws.normal(tables.weight, _EMBEDDING_DEVIATION)
    return tables


def layers(inputs, hidden, ends_in_logit, dtype, draws):
    """Rectified layers of the hidden widths, then a linear one of a logit if asked for."""
    made = []
    for outputs in hidden:
        made += [_linear(inputs, outputs, 2, dtype, draws), nn.ReLU()]
        inputs = outputs
    if ends_in_logit:
        made.append(_linear(inputs, 1, 1, dtype, draws))
    return nn.Sequential(*made)


def _linear(inputs, outputs, variance, dtype, draws):
    layer = nn.Linear(inputs, outputs, dtype=dtype)
    draws.normal(layer.weight, sqrt(variance / inputs))
    nn.init.zeros_(layer.bias)
    return layer


class Adapter(nn.Module):
    """Student Adapter: a logit from the teacher's probability alone (Eq. 6)."""

    def __init__(self, spec, dtype, draws):
        super().__init__()
        self.reads_logit = spec["input"] == "logit"
        self.is_residual = spec["residual"]
        self.layers = layers(1, spec["hidden"], True, dtype, draws)
        if self.is_residual:
            nn.init.zeros_(self.layers[-1].weight)

    def forward(self, teacher):
        log_odds = torch.logit(teacher.double()).clamp(-_MAX_LOGIT, _MAX_LOGIT).to(teacher.dtype)
        said = log_odds if self.reads_logit else teacher
        answer = self.layers(said.unsqueeze(1)).squeeze(1)
        return answer + log_odds if self.is_residual else answer


class _ScaledGradient(torch.autograd.Function):
    @staticmethod
    def forward(context, hidden, scale):
        context.scale = scale
        return hidden.view_as(hidden)

    @staticmethod
    def backward(context, gradient):
        return context.scale * gradient, None


def scale_gradient(hidden, scale):
    """Gradient scaling: the identity forward, `scale` times the gradient backward."""
    return _ScaledGradient.apply(hidden, scale)
