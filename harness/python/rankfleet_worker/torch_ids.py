"""Sparse ids, buckets and sequences of different lengths in PyTorch."""

import torch

from .searched_tensors import event_totals
from .torch_operation import Operation


def jagged_to_padded(_data_type, shape, _device):
    padded = shape["padded"]

    def core(values, offsets):
        return torch.ops.aten._jagged_to_padded_dense_forward(values, [offsets], [padded], 0.0)

    return Operation(core, details={"call": "torch.ops.aten._jagged_to_padded_dense_forward"})


def jagged_to_padded_by_index(_data_type, shape, device):
    """Without the library's call, so that a compiler can make one kernel of it."""
    places = torch.arange(shape["padded"], device=device)
    last = shape["batch"] * shape["length"] - 1

    def core(values, offsets):
        token = offsets[:-1, None] + places
        rows = values[token.clamp(max=last)]
        return torch.where((token < offsets[1:, None]).unsqueeze(-1), rows, 0)

    return Operation(core, details={"call": "rows by index, torch.where"})


def map_id(_data_type, shape, _device):
    last = shape["ids"] - 1

    def core(values, table):
        at = torch.bucketize(values, table, out_int32=True).clamp(max=last)
        return torch.where(torch.index_select(table, 0, at) == values, at + 1, 0)

    return Operation(core, details={"call": "torch.bucketize, clamp, index_select, where"})


def merge_bucketised(_data_type, shape, _device):
    def core(x, borders, first_buckets):
        buckets = [
            torch.bucketize(x[f], borders[f], out_int32=True, right=True) + first_buckets[f]
            for f in range(shape["features"])
        ]
        return torch.stack(buckets)

    return Operation(core, details={"call": "torch.bucketize of each feature, stacked"})


def merge_bucketised_at_once(_data_type, _shape, _device):
    def core(x, borders, first_buckets):
        return torch.searchsorted(borders, x, out_int32=True, right=True) + first_buckets[:, None]

    return Operation(core, details={"call": "torch.searchsorted of all features at once"})


def event_truncate(_data_type, shape, _device):
    kept = shape["kept"]

    def core(outer, inner, values):
        events = inner.size(1)
        first = outer.cumsum(0) - outer
        place = torch.arange(events, device=outer.device)
        stays = place - torch.repeat_interleave(first, outer, output_size=events) < kept
        lengths, rest = [], []
        for own, of_feature in zip(inner, values):
            lengths.append(own[stays])
            mask = torch.repeat_interleave(stays, own, output_size=of_feature.numel())
            rest.append(of_feature[mask])
        return outer.clamp(max=kept), torch.stack(lengths), torch.stack(rest)

    # How many values stay is asked of the device for each feature.
    details = {"call": "a mask of each feature"}
    return Operation(core, capturable=False, host_paced=True, details=details)


def event_truncate_at_once(_data_type, shape, device):
    """All features by one gather, of sizes that the host knows: what stays follows from how shapes are made."""
    kept, features = shape["kept"], shape["features"]
    events = event_totals(shape)[1]
    event_places = torch.arange(events, device=device)
    value_places = torch.arange(events * shape["length"], device=device).repeat(features, 1)

    def core(outer, inner, values):
        kept_outer = outer.clamp(max=kept)
        kept_ends = kept_outer.cumsum(0)
        sample = torch.bucketize(event_places, kept_ends, right=True)
        gone = (outer.cumsum(0) - outer) - (kept_ends - kept_outer)
        event = event_places + gone[sample]
        kept_inner = inner[:, event]
        starts = inner.cumsum(1) - inner
        kept_value_ends = kept_inner.cumsum(1)
        at = torch.searchsorted(kept_value_ends, value_places, right=True)
        moved = starts[:, event] - (kept_value_ends - kept_inner)
        return kept_outer, kept_inner, values.gather(1, value_places + moved.gather(1, at))

    return Operation(core, details={"call": "prefix sums, torch.searchsorted and one gather"})
