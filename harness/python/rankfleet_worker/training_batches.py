"""Batches that a training step is timed on: lookups of stacked tables, dense features, labels and a teacher's predictions."""

from math import gcd

import torch


class Lookups:
    """The lookups of one batch in tables that lie in one weight, example by example and in each table by table."""

    def __init__(self, rows, lengths):
        self.rows = rows
        ends = lengths.flatten().cumsum(0)
        self.offsets = torch.cat([torch.zeros(1, dtype=ends.dtype, device=ends.device), ends]).int()
        self.bags = lengths.numel()
        bags = torch.arange(self.bags, dtype=torch.int32, device=rows.device)
        self.bag_of = torch.repeat_interleave(bags, lengths.flatten(), output_size=rows.numel())


def draw_lookups(tables, examples, sets, generator, device):
    """As many batches with equally many lookups: their lengths are the same ones in another order of the examples."""
    first = torch.stack([_lengths(table, examples, generator, device) for table in tables], dim=1)
    if int(first.sum()) == 0:
        first[0, 0] = 1
    counts = torch.tensor([table["rows"] for table in tables], device=device)
    bases = counts.cumsum(0) - counts
    steps = torch.tensor([_scatter_step(table["rows"]) for table in tables], device=device)
    skews = torch.tensor([table["skew"] for table in tables], dtype=torch.float64, device=device)
    table_of_bag = torch.arange(len(tables), device=device).repeat(examples)
    batches = []
    for _ in range(sets):
        lengths = first[torch.randperm(examples, generator=generator, device=device)]
        owner = torch.repeat_interleave(table_of_bag, lengths.flatten())
        ranks = _ranks(counts[owner], skews[owner], generator)
        rows = (ranks + 1) * steps[owner] % counts[owner] + bases[owner]
        batches.append(Lookups(rows.int(), lengths))
    return batches


def _lengths(table, examples, generator, device):
    """Lookups of each bag: by the law of the table around its mean, none where the feature is absent."""
    mean = torch.full((examples,), float(table["pooling"]), dtype=torch.float64, device=device)
    variation = table.get("variation", 0)
    match table["distribution"]:
        case "poisson":
            lengths = torch.poisson(mean, generator=generator)
        case "geometric":
            # Counted from 1, as a history that is there has an event.
            uniform = torch.rand(examples, dtype=torch.float64, generator=generator, device=device)
            share = 1 / mean.clamp(min=1)
            more = torch.log1p(-uniform) / torch.log1p(-share.clamp(max=1 - 1e-12))
            lengths = 1 + more.floor()
        case "lognormal" | "gamma" if variation > 0:
            # Of both the first two moments count.
            sigma = torch.log1p(torch.tensor(variation, dtype=torch.float64, device=device) ** 2).sqrt()
            normal = torch.randn(examples, dtype=torch.float64, generator=generator, device=device)
            lengths = _rounded(mean * torch.exp(sigma * normal - sigma**2 / 2), generator)
        case _:
            lengths = _rounded(mean, generator)
    present = torch.rand(examples, generator=generator, device=device) < table["presence"]
    return torch.where(present, lengths, 0).long()


def _rounded(values, generator):
    """Whole numbers with the same mean."""
    uniform = torch.rand(values.shape, dtype=values.dtype, generator=generator, device=values.device)
    return (values + uniform).floor()


def _ranks(counts, skews, generator):
    """Ranks from 0 by Zipf's law of each lookup's table, by inversion of the continuous law; 0: uniform."""
    uniform = torch.rand(counts.shape, dtype=torch.float64, generator=generator, device=counts.device)
    # The integral of x^-s from 1/2 to n + 1/2 and its inverse; an exponent of 1 is moved aside by less than shows.
    power = 1 - skews
    power = torch.where(power.abs() < 1e-9, torch.full_like(power, 1e-9), power)
    low, high = torch.pow(0.5, power), torch.pow(counts + 0.5, power)
    ranks = torch.pow(low + uniform * (high - low), 1 / power)
    return torch.minimum((ranks + 0.5).floor().long().clamp(min=1), counts) - 1


def _scatter_step(rows):
    """As in the harness: popular ranks lie scattered over the table."""
    if rows < 3:
        return 1
    step = int(rows * 0.6180339887) | 1
    while gcd(step, rows) != 1:
        step += 2
    return step


class Examples:
    """What a batch holds beside its lookups."""

    def __init__(self, count, features, data_type, generator, device):
        self.features = (
            torch.randn((count, features), generator=generator, device=device).to(data_type) if features else None
        )
        self.labels = (torch.rand((count, 1), generator=generator, device=device) < 0.1).float()
        self.teacher = 0.2 * torch.rand((count, 1), generator=generator, device=device)
