"""What the ranks of a training step exchange: pooled vectors of the tables that each holds, their gradients, dense gradients."""

import torch
import torch.distributed as dist

from .failures import unsupported


class Exchange:
    """Tables are spread whole, the costliest first to the rank with least to do; every rank trains all dense weights."""

    def __init__(self, rank, ranks, device):
        self.rank, self.ranks, self.device = rank, ranks, device
        self.widths = []
        self.token = torch.ones(1, device=device)

    def own(self, tables):
        """The tables of one stack that this rank holds; remembers what the others hold."""
        shares = [[] for _ in range(self.ranks)]
        costs = [0.0] * self.ranks
        cost = lambda table: table["pooling"] * table["presence"] * table["dim"] + 1
        for table in sorted(tables, key=cost, reverse=True):
            least = costs.index(min(costs))
            shares[least].append(table)
            costs[least] += cost(table)
        if not all(shares):
            raise unsupported(f"{len(tables)} tables of one dimension and type for {self.ranks} devices")
        self.widths.append([sum(table["dim"] for table in share) for share in shares])
        self.next = 0
        return shares[self.rank]

    def scatter(self, own):
        """Own tables' vectors of everyone's examples for everyone's vectors of own examples, one tensor a rank."""
        widths = self.widths[self.next]
        self.next = (self.next + 1) % len(self.widths)
        examples = own.size(0) // self.ranks
        sizes = [examples * width for width in widths]
        received = torch.empty(sum(sizes), dtype=own.dtype, device=own.device)
        dist.all_to_all_single(received, own.view(-1), sizes, [own.numel() // self.ranks] * self.ranks)
        return [part.view(examples, width) for part, width in zip(received.split(sizes), widths)]

    def gather(self, gradients, own_widths):
        """The way back for gradients, stack by stack."""
        gathered = []
        for at, width in enumerate(own_widths):
            sent = gradients[at * self.ranks : (at + 1) * self.ranks]
            examples = sent[0].size(0)
            flat = torch.cat([each.reshape(-1) for each in sent])
            received = torch.empty(self.ranks * examples * width, dtype=flat.dtype, device=flat.device)
            dist.all_to_all_single(
                received, flat, [examples * width] * self.ranks, [each.numel() for each in sent]
            )
            gathered.append(received.view(-1, width))
        return gathered

    def reduced(self, gradients):
        """Gradients summed over the ranks, in fp32 and in one piece."""
        flat = torch.cat([each.reshape(-1).float() for each in gradients])
        dist.all_reduce(flat)
        return flat.split([each.numel() for each in gradients])

    def longest(self, seconds):
        """The longest time of all ranks."""
        self.token.fill_(seconds)
        dist.all_reduce(self.token, op=dist.ReduceOp.MAX)
        return float(self.token)

    def meet(self):
        dist.all_reduce(self.token.fill_(1))
