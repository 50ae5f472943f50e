"""Timing on CUDA devices by their own clock: events around replays of a captured graph, or around plain launches."""

import statistics
from collections import deque
from math import ceil

import torch

# A repeat lasts about this long at least, so that starting a graph is no part of it; a graph holds this many launches.
SHORTEST_REPEAT_S = 300e-6
MOST_LAUNCHES = 1000

# Cycles for which the device is kept busy while the host queues one launch, where the host is not what is measured.
CYCLES_PER_LAUNCH = 20_000
MOST_CYCLES = 20_000_000


def time_on_device(steps, warm_up, repeats, *, capturable, host_paced, launches):
    """Seconds of one step by repeat, and how they were found."""
    if capturable:
        try:
            return _by_graph(steps, warm_up, repeats, launches), "graph"
        except torch.cuda.OutOfMemoryError:
            raise
        except Exception as error:
            refusal = str(error).splitlines()[0] if str(error) else type(error).__name__
            torch.cuda.synchronize()
            return _by_events(steps, warm_up, repeats, host_paced, launches), f"events (no graph: {refusal})"
    return _by_events(steps, warm_up, repeats, host_paced, launches), "events"


def _passes(once_s, steps, launches):
    """How often a repeat runs all steps."""
    wanted = max(ceil(SHORTEST_REPEAT_S / max(once_s, 1e-9)), ceil(launches / len(steps)))
    return max(1, min(wanted, MOST_LAUNCHES // len(steps)))


def _by_graph(steps, warm_up, repeats, launches):
    # Whatever a first call sets up cannot be captured.
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for step in steps:
            step()
    torch.cuda.current_stream().wait_stream(side)
    torch.cuda.synchronize()

    graph, kept = _capture(steps, 1)
    once_s = statistics.median(_between_events(graph.replay, 5)[2:])
    passes = _passes(once_s, steps, launches)
    if passes > 1:
        del graph, kept
        graph, kept = _capture(steps, passes)
    times = _between_events(graph.replay, warm_up + repeats)[warm_up:]
    del graph, kept
    return [each / (passes * len(steps)) for each in times]


def _capture(steps, passes):
    graph = torch.cuda.CUDAGraph()
    # Results of one pass live at the same time, so that its launches write to different places.
    kept = deque(maxlen=len(steps))
    with torch.cuda.graph(graph):
        for _ in range(passes):
            for step in steps:
                kept.append(step())
    return graph, kept


def _by_events(steps, warm_up, repeats, host_paced, launches):
    kept = deque(maxlen=len(steps))

    def run(passes):
        if not host_paced:
            torch.cuda._sleep(min(MOST_CYCLES, CYCLES_PER_LAUNCH * passes * len(steps)))
        start.record()
        for _ in range(passes):
            for step in steps:
                kept.append(step())

    def once(passes):
        run(passes)
        end.record()
        end.synchronize()
        return start.elapsed_time(end) * 1e-3

    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    once(1)
    passes = _passes(once(1), steps, launches)
    times = [once(passes) for _ in range(warm_up + repeats)][warm_up:]
    return [each / (passes * len(steps)) for each in times]


def _between_events(action, count):
    """Seconds of each of `count` actions, issued one after another without waiting."""
    marks = [[torch.cuda.Event(enable_timing=True) for _ in range(2)] for _ in range(count)]
    for start, end in marks:
        start.record()
        action()
        end.record()
    torch.cuda.synchronize()
    return [start.elapsed_time(end) * 1e-3 for start, end in marks]
