"""
Embedding tables of one dimension and type as one weight: one pooled lookup for all of them, and row-wise Adagrad on the
rows that a batch touched.
"""

import torch
import torch.nn.functional as F

from .text_module import TextModules, run

LEARNING_RATE = 0.01
EPSILON = 1e-8
FIRST_MOMENT = 0.25

table_types = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
_modules = TextModules("update")


class StackedTables:
    def __init__(self, tables, batches, generator, device, update_kernel):
        self.tables = tables
        self.dim = tables[0]["dim"]
        rows = sum(table["rows"] for table in tables)
        data_type = table_types[tables[0]["type"]]
        self.weight = torch.empty((rows, self.dim), dtype=data_type, device=device)
        self.weight.uniform_(-0.05, 0.05, generator=generator)
        self.momentum = torch.full((rows,), FIRST_MOMENT, device=device)
        self.batches = batches
        self.lookups = batches[0].rows.numel()
        self.kernel = None
        if update_kernel and device.type == "cuda":
            self.kernel = _kernel_of(update_kernel, self.dim, self.lookups)

    def lookup(self, at):
        """[examples, tables × dim] in the type of the rows."""
        batch = self.batches[at]
        with torch.no_grad():
            pooled = F.embedding_bag(batch.rows, self.weight, batch.offsets, mode="sum", include_last_offset=True)
        return pooled.view(-1, len(self.tables) * self.dim)

    def sorted(self, at):
        """Lookups by row as the update reads them, found without asking the device how many rows there are."""
        batch, count = self.batches[at], self.lookups
        rows, order = torch.sort(batch.rows)
        is_first = torch.ones_like(rows, dtype=torch.bool)
        torch.ne(rows[1:], rows[:-1], out=is_first[1:])
        place = is_first.cumsum(0) - 1
        # Lookups that begin no row write to a place behind the last.
        row_ids = torch.full((count + 1,), -1, dtype=torch.int32, device=rows.device)
        row_ids.scatter_(0, torch.where(is_first, place, count), rows)
        starts = torch.full((count + 2,), count, dtype=torch.int32, device=rows.device)
        position = torch.arange(count, dtype=torch.int32, device=rows.device)
        starts.scatter_(0, torch.where(is_first, place, count + 1), position)
        return {"rowIds": row_ids[:count], "rowStarts": starts[: count + 1], "bagOf": batch.bag_of[order]}

    def update(self, lookups, gradient):
        """gradient: [examples, tables × dim] by the pooled vectors."""
        gradient = gradient.view(-1, self.dim)
        if self.kernel:
            tensors = {"table": self.weight, "momentum": self.momentum, "grad": gradient, **lookups}
            self.kernel.launch(tensors, {})
        else:
            self._update_in_torch(lookups, gradient)

    def _update_in_torch(self, lookups, gradient):
        unique = int((lookups["rowIds"] >= 0).sum())
        rows, starts = lookups["rowIds"][:unique].long(), lookups["rowStarts"][: unique + 1].long()
        places = torch.arange(unique, device=rows.device)
        row_of = torch.repeat_interleave(places, starts.diff(), output_size=self.lookups)
        total = torch.zeros((unique, self.dim), device=rows.device)
        total.index_add_(0, row_of, gradient[lookups["bagOf"].long()].float())
        moment = self.momentum[rows] + total.square().mean(1)
        self.momentum[rows] = moment
        step = LEARNING_RATE * total / (moment.sqrt() + EPSILON).unsqueeze(1)
        self.weight[rows] = (self.weight[rows].float() - step).to(self.weight.dtype)

    def checked(self, lookups, gradient, act):
        """Relative error of some rows and moments after `act`, which applies `gradient`, against sums in float64."""
        chosen = lookups["rowIds"][lookups["rowIds"] >= 0]
        chosen = chosen[:: max(1, chosen.numel() // 64)].long()
        before, moments = self.weight[chosen].double(), self.momentum[chosen].double()
        ends = lookups["rowStarts"].long()
        place = torch.searchsorted(lookups["rowIds"][lookups["rowIds"] >= 0], chosen.int())
        of_bags = gradient.view(-1, self.dim)
        total = torch.stack(
            [of_bags[lookups["bagOf"][ends[p] : ends[p + 1]].long()].double().sum(0) for p in place]
        )
        act()
        moment = moments + total.square().mean(1)
        wanted = before - LEARNING_RATE * total / (moment.sqrt() + EPSILON).unsqueeze(1)
        return max(_relative(self.weight[chosen], wanted), _relative(self.momentum[chosen], moment))


def _relative(found, wanted):
    return float((found.double() - wanted).norm() / wanted.norm())


def _kernel_of(text, dim, lookups):
    module = _modules.make(text.replace("AXIS_dim", str(dim)).replace("AXIS_bags", str(lookups)).replace("AXIS_pooling", "1"))
    run(module)
    return module
