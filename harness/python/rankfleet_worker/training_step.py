"""One step of training a recommendation model, part by part: what `sim/training/step` gives the time of."""

import torch

from .failures import unsupported
from .training_batches import Examples, draw_lookups
from .training_dense import Backbone, bottom_of
from .training_heads import GRADIENT_SCALE, Adapter, Heads
from .training_tables import StackedTables, table_types

dense_types = {"fp32": torch.float32, "tf32": torch.float32, "bf16": torch.bfloat16}

# Batches that a step is timed on in turn, so that rows are not found in a cache where the step before has left them.
SETS = 3


class TrainingStep:
    """
    Tables are looked up in stacks, apart from autograd; the dense operators run in their type on copies of fp32 weights;
    backward passes of heads, top and bottom follow one another; rows take row-wise Adagrad, dense weights Adam.
    """

    def __init__(self, job, device, exchange=None):
        model, data_type = job["model"], job["dataType"]
        if data_type not in dense_types:
            raise unsupported(f"dense {data_type}: there are {', '.join(dense_types)}")
        self.device, self.exchange = device, exchange
        self.type = dense_types[data_type]
        torch.set_float32_matmul_precision("high" if data_type == "tf32" else "highest")
        generator = torch.Generator(device).manual_seed(job["seed"] + (exchange.rank if exchange else 0))
        # Served weights are drawn first: they are the same ones whatever distils, and on every rank.
        torch.manual_seed(job["seed"])
        distillation = job["distillation"]
        with torch.device(device):
            self.bottom = bottom_of(model)
            self.top = Backbone(model)
            self.heads = Heads(distillation, self.top.width)
        for module in (self.bottom, self.top, self.heads):
            if module is not None:
                module.to(self.type)
        width = distillation.get("adapterWidth")
        self.adapter = None if width is None else Adapter(width, device)
        self.calls = {"bottom": self.bottom, "top": self.top, "heads": self.heads}
        self._draw(job, generator)
        self._make_optimizer()

    def _draw(self, job, generator):
        model, examples = job["model"], job["examples"]
        own = self.exchange.own if self.exchange else lambda tables: tables
        of_all = examples * (self.exchange.ranks if self.exchange else 1)
        self.stacks = []
        for tables in stacks_of(model["tables"]):
            mine = own(tables)
            batches = draw_lookups(mine, of_all, SETS, generator, self.device)
            self.stacks.append(StackedTables(mine, batches, generator, self.device, job.get("updateKernel")))
        self.examples = [
            Examples(examples, model["features"], self.type, generator, self.device) for _ in range(SETS)
        ]

    def _make_optimizer(self):
        modules = [module for module in (self.bottom, self.top, self.heads) if module is not None]
        self.parameters = [each for module in modules for each in module.parameters()]
        self.is_mixed = self.type != torch.float32
        self.masters = (
            [torch.nn.Parameter(each.detach().float()) for each in self.parameters] if self.is_mixed else self.parameters
        )
        # Where narrow gradients become fp32.
        self.widened = [torch.empty_like(each) for each in self.masters] if self.is_mixed and not self.exchange else []
        on_cuda = self.device.type == "cuda"
        self.optimizer = torch.optim.Adam(self.masters, fused=on_cuda, capturable=on_cuda)

    def compile(self):
        """Dense operators and losses as PyTorch's compiler fuses them."""
        # What it has compiled for other shapes counts against a limit of its own.
        torch._dynamo.reset()
        for name, module in self.calls.items():
            if module is not None:
                self.calls[name] = torch.compile(module, dynamic=False, fullgraph=True)

    def run(self, at, mark=lambda part: None):
        """One step on the batch `at`; `mark` hears of each part when its work has been issued. Returns the loss."""
        for parameter in [*self.parameters, *self.masters]:
            parameter.grad = None
        vectors = self.looked_up(at, mark)
        examples = self.examples[at]
        dense = examples.features
        if self.bottom is not None:
            dense = self.calls["bottom"](dense)
            mark("bottom-forward")
        leaf = None if dense is None else dense.detach().requires_grad_(self.bottom is not None)
        features, logit = self.calls["top"](leaf, vectors)
        mark("top-forward")
        loss, of_logit, of_features = self._learn(features, logit, examples)
        mark("loss-and-heads")
        outputs = [logit] if of_features is None else [logit, features]
        torch.autograd.backward(outputs, [of_logit] if of_features is None else [of_logit, of_features])
        mark("top-backward")
        if self.bottom is not None:
            dense.backward(leaf.grad)
            mark("bottom-backward")
        self._update_tables(at, [vector.grad for vector in vectors], mark)
        self._update_dense(mark)
        return loss

    def looked_up(self, at, mark=lambda part: None):
        """Pooled vectors in the dense operators' type, with a gradient to come."""
        pooled = [stack.lookup(at).to(self.type) for stack in self.stacks]
        mark("lookup")
        if self.exchange:
            pooled = [vector for own in pooled for vector in self.exchange.scatter(own)]
            mark("vector-exchange")
        return [vector.requires_grad_() for vector in pooled]

    def served(self, at):
        """The serving logits of a batch, with nothing of what distils."""
        with torch.no_grad():
            dense = self.examples[at].features
            return self.top(dense if self.bottom is None else self.bottom(dense), self.looked_up(at))[1]

    def _learn(self, features, logit, examples):
        """Losses and their gradients by the serving logit and by the features; the latter None where no head reads them."""
        adapted = self.adapter.step(examples.labels, examples.teacher) if self.adapter else None
        of_logit = logit.detach().requires_grad_()
        of_features = features.detach().requires_grad_(self.heads.kind == "auxiliary-heads")
        loss = self.calls["heads"](of_logit, of_features, examples.labels, examples.teacher, adapted)
        # Of the mean over everyone's examples each rank has its part.
        (loss / self.exchange.ranks if self.exchange else loss).backward()
        by_features = None if of_features.grad is None else of_features.grad * GRADIENT_SCALE
        return loss.detach(), of_logit.grad, by_features

    def _update_tables(self, at, gradients, mark):
        if self.exchange:
            gradients = self.exchange.gather(gradients, [stack.dim * len(stack.tables) for stack in self.stacks])
            mark("gradient-exchange")
        lookups = [stack.sorted(at) for stack in self.stacks]
        mark("sort-lookups")
        for stack, sorted_lookups, gradient in zip(self.stacks, lookups, gradients):
            # As the kernel's measurements have it: gradients of pooled vectors in fp32.
            stack.update(sorted_lookups, gradient.float().contiguous())
        mark("table-update")

    def _update_dense(self, mark):
        gradients = [parameter.grad for parameter in self.parameters]
        if self.exchange:
            gradients = self.exchange.reduced(gradients)
            mark("all-reduce")
        elif self.is_mixed:
            torch._foreach_copy_(self.widened, gradients)
            gradients = self.widened
        for master, gradient in zip(self.masters, gradients):
            master.grad = gradient.view_as(master)
        self.optimizer.step()
        if self.is_mixed:
            torch._foreach_copy_([each.detach() for each in self.parameters], [each.detach() for each in self.masters])
        mark("dense-optimizer")

    def checked_error(self):
        """
        Runs a step whose table updates are compared with sums in float64; the greatest relative error of a stack, or
        infinity where a loss or a weight is not finite.
        """
        kept = {}

        def update(stack):
            def checking(lookups, gradient):
                kept[id(stack)] = stack.checked(lookups, gradient, lambda: type(stack).update(stack, lookups, gradient))

            return checking

        for stack in self.stacks:
            stack.update = update(stack)
        loss = self.run(0)
        for stack in self.stacks:
            del stack.update
        finite = all(bool(torch.isfinite(each).all()) for each in [loss, *self.masters])
        return max(kept.values()) if finite else float("inf")


def stacks_of(tables):
    """Tables by dimension and type, in the order in which these first come."""
    groups = {}
    for table in tables:
        if table["type"] not in table_types:
            raise unsupported(f"{table['type']} rows: there are {', '.join(table_types)}")
        groups.setdefault((table["dim"], table["type"]), []).append(table)
    for group in groups.values():
        rows = sum(table["rows"] for table in group)
        if rows >= 2**31:
            raise unsupported(f"{rows} rows of one dimension and type: their numbers have 31 bits")
    return list(groups.values())
