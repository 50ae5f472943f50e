"""The distillation learner by PyTorch: the losses of Eq. 2 to 7 are written down, autograd finds their gradients."""

from itertools import chain

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from .learner_modules import Adapter, Draws, embeddings, layers, scale_gradient

# Keeps Adagrad's first step finite.
_EPSILON = 1e-10

# Examples predicted at once.
_PREDICTED_AT_ONCE = 4096


def _cross_entropy(logits, targets, weights=None):
    """Sum of the binary cross-entropies in nats, −h of Eq. 1."""
    return binary_cross_entropy_with_logits(logits, targets, weights, reduction="sum")


class Student(nn.Module):
    """Backbone φ, serving head f_S and, for training alone, distillation heads."""

    def __init__(self, spec, dtype):
        super().__init__()
        serving, distillation, seed = spec["serving"], spec["distillation"], spec["seed"]
        fields, width = len(serving["tableRows"]), serving["hidden"][-1]
        self.distillation = distillation
        self.tables = embeddings(
            serving["tableRows"], serving["embeddingDim"], dtype, Draws(seed, "tables")
        )
        self.backbone = layers(
            fields * serving["embeddingDim"], serving["hidden"], False, dtype, Draws(seed, "backbone")
        )
        self.serving_head = layers(width, serving["headHidden"], True, dtype, Draws(seed, "serving head"))
        heads = _heads_of(distillation)
        self.heads = nn.ModuleList(
            layers(width, distillation["headHidden"], True, dtype, Draws(seed, "distillation head", at))
            for at in range(heads)
        )

    def hidden(self, rows):
        return self.backbone(self.tables(rows).flatten(1))

    def forward(self, rows):
        """Logits of the serving head."""
        return self.serving_head(self.hidden(rows)).squeeze(1)

    def losses(self, batch, adapted):
        """
        Logits of the serving head, then its loss and those of the distillation heads: means over the batch in nats.
        Examples of which the teacher said nothing weigh 0. `adapted` are the adapter's targets, without gradient.
        """
        hidden = self.hidden(batch.rows)
        logits = self.serving_head(hidden).squeeze(1)
        serving = _cross_entropy(logits, batch.labels)
        kind = self.distillation["kind"]
        if kind == "one-head":
            serving = serving + self.distillation["weight"] * _cross_entropy(logits, batch.teacher, batch.known)
        distillation = []
        if kind == "auxiliary-heads":
            scaled = scale_gradient(hidden, self.distillation["gradientScale"])
            raw = (self.distillation["labelScale"] * batch.teacher).clamp(max=1)
            for at, head in enumerate(self.heads):
                on_teacher = at < self.distillation["heads"]
                loss = _cross_entropy(head(scaled).squeeze(1), raw if on_teacher else adapted, batch.known)
                distillation.append((self.distillation["weight"] if on_teacher else 1) * loss / batch.count)
        return logits, serving / batch.count, distillation


def _heads_of(distillation):
    """Heads on the teacher's label, and one more on the adapter's."""
    if distillation["kind"] != "auxiliary-heads":
        return 0
    return distillation["heads"] + (1 if "adapter" in distillation else 0)


class Learner:
    """Student and adapter with their optimisers; trained on columns in one pass, predicting first."""

    def __init__(self, spec, dtype, device):
        rate = spec["learningRate"]
        backbone_rate = rate * spec["backboneRateScale"]
        adapter = spec["distillation"].get("adapter")
        self.batch_size = spec["batch"]
        self.label_scale = spec["distillation"].get("labelScale", 1)
        self.student = Student(spec, dtype).to(device)
        heads = chain(self.student.serving_head.parameters(), self.student.heads.parameters())
        dense = [
            {"params": list(heads), "lr": rate},
            {"params": list(self.student.backbone.parameters()), "lr": backbone_rate},
        ]
        # Apart, since only an optimiser of sparse gradients alone takes them.
        self.optimisers = [_adagrad(dense, rate), _adagrad(self.student.tables.parameters(), backbone_rate)]
        self.adapter = None
        if adapter is not None:
            self.adapter = Adapter(adapter, dtype, Draws(spec["seed"], "adapter")).to(device)
            self.adapter_optimiser = _adagrad(self.adapter.parameters(), adapter["learningRate"])

    def parts(self):
        """Parameters by part, in the order in which they travel."""
        student = self.student
        named = [("embeddings", student.tables), ("backbone", student.backbone), ("f_S", student.serving_head)]
        named += [(f"distillation head {at}", head) for at, head in enumerate(student.heads)]
        if self.adapter is not None:
            named.append(("adapter", self.adapter))
        return [(name, parameter) for name, module in named for parameter in module.parameters()]

    def train(self, columns, start, end):
        """Predictions of [start, end) made before each batch was trained on, and the losses' means over them."""
        predictions = torch.empty(end - start, dtype=columns.labels.dtype, device=columns.labels.device)
        sums = torch.zeros(1 + len(self.student.heads), dtype=torch.float64, device=predictions.device)
        for first in range(start, end, self.batch_size):
            last = min(end, first + self.batch_size)
            logits, losses = self._step(columns.batch(first, last))
            predictions[first - start : last - start] = torch.sigmoid(logits)
            sums += (last - first) * losses
        return predictions, sums / max(1, end - start)

    def _step(self, batch):
        """Algorithm 1: the adapter takes a step on y, its new outputs are targets, the student takes a step."""
        if self.adapter is not None:
            self.adapter_optimiser.zero_grad()
            self._adapter_loss(batch).backward()
            self.adapter_optimiser.step()
        for optimiser in self.optimisers:
            optimiser.zero_grad()
        logits, losses = self._differentiate(batch)
        for optimiser in self.optimisers:
            optimiser.step()
        return logits, losses

    def _differentiate(self, batch):
        logits, serving, distillation = self.student.losses(batch, self._adapted(batch))
        losses = torch.stack([serving, *distillation])
        losses.sum().backward()
        return logits.detach(), losses.detach()

    def _adapter_loss(self, batch):
        """L_sta, a mean over the examples with a teacher's label; 0 without any, which leaves the adapter as it is."""
        return _cross_entropy(self.adapter(batch.teacher), batch.labels, batch.known) / batch.known.sum().clamp(min=1)

    def _adapted(self, batch):
        if self.adapter is None:
            return None
        with torch.no_grad():
            return torch.sigmoid(self.adapter(batch.teacher))

    def gradients(self, columns, start, end):
        """Losses of one batch and all gradients, the adapter's of L_sta; no parameter changes."""
        for _, parameter in self.parts():
            parameter.grad = None
        batch = columns.batch(start, end)
        if self.adapter is not None:
            self._adapter_loss(batch).backward()
        _, losses = self._differentiate(batch)
        return losses, [parameter.grad.to_dense() for _, parameter in self.parts()]

    def predict(self, rows):
        """Probabilities by the serving head as it is now."""
        with torch.no_grad():
            return torch.cat([torch.sigmoid(self.student(part)) for part in rows.split(_PREDICTED_AT_ONCE)])

    def tally(self, columns, start, end):
        """Examples, those without a teacher's label where one is asked for, and labels that scaling clips at 1."""
        kind = self.student.distillation["kind"]
        without, clipped = 0, 0
        if kind != "none":
            without = end - start - int(columns.known[start:end].sum())
        if kind == "auxiliary-heads":
            above = self.label_scale * columns.teacher[start:end].double() > 1
            clipped = int((above & (columns.known[start:end] > 0)).sum())
        return {"examples": end - start, "withoutTeacher": without, "clippedLabels": clipped}


def _adagrad(parameters, rate):
    """s += g², θ −= η·g / (√s + ε), element by element: no decay, sums from 0."""
    return torch.optim.Adagrad(parameters, lr=rate, lr_decay=0, initial_accumulator_value=0, eps=_EPSILON)
