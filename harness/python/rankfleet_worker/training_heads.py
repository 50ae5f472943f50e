"""What a student learns beside its labels: heads for a teacher's logged predictions, a student adapter, and their losses."""

import torch
import torch.nn.functional as F
from torch import nn

from .training_dense import Layers

# The plain form of the losses: weight of a head's loss, scale of its targets, and scale of its gradient by the backbone.
LOSS_WEIGHT = 1.0
LABEL_SCALE = 1.0
GRADIENT_SCALE = 1.0


class Heads(nn.Module):
    """
    Losses of the serving logit and of the heads beside it.
    - none: labels alone (Eq. 3); one-head: the teacher's prediction is a second target of the serving head (Eq. 2);
    - auxiliary-heads: a head of its own learns the prediction (Eq. 4-5); with an adapter a second head learns what the
      adapter makes of it, which does not see the gradient (Eq. 7).
    """

    def __init__(self, distillation, width):
        super().__init__()
        self.kind = distillation["kind"]
        if self.kind == "auxiliary-heads":
            self.auxiliary = Layers([width, distillation["headWidth"], 1], False)
            if "adapterWidth" in distillation:
                self.adapted = Layers([width, distillation["headWidth"], 1], False)

    def forward(self, logit, features, labels, teacher, adapted):
        loss = bce(logit, labels)
        if self.kind == "one-head":
            loss = loss + LOSS_WEIGHT * bce(logit, teacher)
        if self.kind == "auxiliary-heads":
            scaled = (LABEL_SCALE * teacher).clamp(max=1)
            loss = loss + LOSS_WEIGHT * bce(self.auxiliary(features), scaled)
            if adapted is not None:
                loss = loss + bce(self.adapted(features), adapted)
        return loss


class Adapter:
    """The student adapter: learns labels from the teacher's prediction with an optimizer of its own (Eq. 6)."""

    def __init__(self, width, device):
        self.layers = Layers([1, width, 1], False).to(device)
        on_cuda = device.type == "cuda"
        self.optimizer = torch.optim.Adam(self.layers.parameters(), fused=on_cuda, capturable=on_cuda)

    def step(self, labels, teacher):
        """One step, then the adapted predictions, which carry no gradient."""
        self.optimizer.zero_grad(set_to_none=True)
        bce(self.layers(teacher), labels).backward()
        self.optimizer.step()
        with torch.no_grad():
            return torch.sigmoid(self.layers(teacher))


def bce(logit, target):
    return F.binary_cross_entropy_with_logits(logit.float(), target)
