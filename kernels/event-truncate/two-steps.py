"""
A program has one feature of one sample. A first kernel sums the lengths of its events; in the second, each program adds up what
lies before it by itself and copies. Where no sample can have more events than are kept, all of it is one copy.
"""
# @data-types int32, fp32

import torch
import triton
import triton.language as tl

BLOCK = 512  # @knob tiling {128, 256, 512, 1024, 2048} values that a program copies at a time
WARPS = 4  # @knob warps {1, 2, 4, 8} warps of a program
WHOLE = 1  # @knob branching {0, 1} 1: what cannot be truncated is copied as a whole, without a look at lengths

# @require batch <= 8192
# @require events <= 8192
# @require BLOCK >= 32 * WARPS


@triton.jit
def events_of(outer, sample, BATCH: tl.constexpr):
    # Of all samples, and of those before; then the same of events that stay.
    each = tl.arange(0, BATCH)
    own = tl.load(outer + each, mask=each < AXIS_batch, other=0)
    stay = tl.minimum(own, AXIS_kept)
    is_before = each < sample
    before = tl.sum(tl.where(is_before, own, 0), axis=0)
    stay_before = tl.sum(tl.where(is_before, stay, 0), axis=0)
    return tl.sum(own, axis=0).to(tl.int64), before, tl.sum(stay, axis=0).to(tl.int64), stay_before


@triton.jit
def sum_lengths(outer, inner, kept_outer, sums, BATCH: tl.constexpr, EVENTS: tl.constexpr):
    sample = tl.program_id(0) % AXIS_batch
    feature = tl.program_id(0) // AXIS_batch
    everything, before, _, _ = events_of(outer, sample, BATCH)
    own = tl.load(outer + sample)
    event = tl.arange(0, EVENTS)
    length = tl.load(inner + feature * everything + before + event, mask=event < own, other=0)
    tl.store(sums + 2 * tl.program_id(0), tl.sum(length, axis=0))
    tl.store(sums + 2 * tl.program_id(0) + 1, tl.sum(tl.where(event < AXIS_kept, length, 0), axis=0))
    if feature == 0:
        tl.store(kept_outer + sample, tl.minimum(own, AXIS_kept))


@triton.jit
def copy_events(
    outer,
    inner,
    values,
    sums,
    kept_inner,
    kept_values,
    BATCH: tl.constexpr,
    EVENTS: tl.constexpr,
    BLOCK: tl.constexpr,
):
    sample = tl.program_id(0) % AXIS_batch
    feature = tl.program_id(0) // AXIS_batch
    everything, before, all_stay, stay_before = events_of(outer, sample, BATCH)
    event = tl.arange(0, EVENTS)
    stays = event < tl.minimum(tl.load(outer + sample), AXIS_kept)
    length = tl.load(inner + feature * everything + before + event, mask=stays)
    tl.store(kept_inner + feature * all_stay + stay_before + event, length, mask=stays)
    each = tl.arange(0, BATCH)
    of_sample = sums + 2 * (feature * AXIS_batch + each)
    first = tl.sum(tl.load(of_sample, mask=each < sample, other=0), axis=0)
    kept_first = tl.sum(tl.load(of_sample + 1, mask=each < sample, other=0), axis=0)
    count = tl.load(sums + 2 * tl.program_id(0) + 1)
    # Every feature has `length` values an event on average, of all events and of those that stay.
    source = values + feature * everything * AXIS_length + first
    target = kept_values + feature * all_stay * AXIS_length + kept_first
    for start in range(0, count, BLOCK):
        place = start + tl.arange(0, BLOCK)
        tl.store(target + place, tl.load(source + place, mask=place < count), mask=place < count)


@triton.jit
def copy_block(source, target, count, block, BLOCK: tl.constexpr):
    at = block.to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    value = tl.load(source + at, mask=at < count, eviction_policy="evict_first")
    tl.store(target + at, value, mask=at < count, eviction_policy="evict_first")


@triton.jit
def copy_whole(
    outer, inner, values, kept_outer, kept_inner, kept_values, lengths, count, blocks, BLOCK: tl.constexpr
):
    block = tl.program_id(0)
    if block < blocks:
        copy_block(values, kept_values, count, block, BLOCK)
    else:
        copy_block(inner, kept_inner, lengths, block - blocks, BLOCK)
        copy_block(outer, kept_outer, AXIS_batch, block - blocks, BLOCK)


def launch(tensors, axes):
    outer, inner, values = tensors["outerLengths"], tensors["innerLengths"], tensors["values"]
    kept_outer, kept_inner, kept_values = (
        tensors["keptOuterLengths"],
        tensors["keptInnerLengths"],
        tensors["keptValues"],
    )
    if WHOLE and AXIS_kept >= AXIS_events:
        blocks = triton.cdiv(values.numel(), BLOCK)
        of_lengths = triton.cdiv(max(inner.numel(), AXIS_batch), BLOCK)
        counts = (inner.numel(), values.numel(), blocks)
        copy_whole[(blocks + of_lengths,)](
            outer, inner, values, kept_outer, kept_inner, kept_values, *counts, BLOCK=BLOCK, num_warps=WARPS
        )
        return
    sums = torch.empty((AXIS_features * AXIS_batch, 2), dtype=torch.int32, device=outer.device)
    settings = {
        "BATCH": triton.next_power_of_2(AXIS_batch),
        "EVENTS": triton.next_power_of_2(AXIS_events),
        "num_warps": WARPS,
    }
    programs = (AXIS_features * AXIS_batch,)
    sum_lengths[programs](outer, inner, kept_outer, sums, **settings)
    copy_events[programs](outer, inner, values, sums, kept_inner, kept_values, BLOCK=BLOCK, **settings)
