"""Times of a training step and of its parts, by the way in which its kernels are issued."""

import gc
from statistics import median
from time import perf_counter

import torch

from .training_step import SETS

# Seconds that one series of repeats may take, and how many there are.
SERIES_S = 0.5
LEAST_REPEATS, MOST_REPEATS = 7, 40
WARM_UP = 2 * SETS

# Core cycles a second at most: a pause of so many is no shorter than asked for.
CYCLES_PER_S = 2e9
LONGEST_PAUSE_S = 0.2

paths_of = {"cuda": ["eager", "graph", "compiled-graph"], "cpu": ["eager"]}


def time_step(step, path):
    """Seconds of each repeat and the median seconds of each part, all ranks starting together."""
    if path == "compiled-graph":
        step.compile()
    for turn in range(WARM_UP):
        step.run(turn % SETS)
    if step.device.type == "cpu":
        return _time_on_cpu(step)
    return _time_eager(step) if path == "eager" else _time_graph(step)


def _repeats(step, once_s):
    """How often a series is repeated; as often on every rank."""
    if step.exchange:
        once_s = step.exchange.longest(once_s)
    return max(LEAST_REPEATS, min(MOST_REPEATS, int(SERIES_S / max(once_s, 1e-9))))


def _time_on_cpu(step):
    def once(at):
        marks = [("", perf_counter())]
        step.run(at, lambda part: marks.append((part, perf_counter())))
        return marks

    count = _repeats(step, _length(once(0)))
    runs = [once(turn % SETS) for turn in range(count)]
    return {"seconds": [_length(marks) for marks in runs], "parts": _parts(runs, lambda a, b: b - a)}


def _length(marks):
    return marks[-1][1] - marks[0][1]


def _parts(runs, between):
    """Median seconds of each part over runs of marks [name, time], in the order of the marks."""
    parts = {}
    for marks in runs:
        for (_, start), (part, end) in zip(marks, marks[1:]):
            parts.setdefault(part, []).append(between(start, end))
    return {part: median(seconds) for part, seconds in parts.items()}


def _time_eager(step):
    """Kernels issued one by one by the host, which the device waits for where it is faster."""
    count = _repeats(step, min(_between_events(step, lambda at: step.run(at), 2, 0)))
    seconds = _between_events(step, lambda at: step.run(at), count, 0)
    return {"seconds": seconds, "parts": _marked(step, min(count, 15), 0)}


def _time_graph(step):
    """Replays of a captured graph of a step on each batch; parts of the same kernels queued behind a pause."""
    gc.collect()
    host_s = _host_seconds(step)
    graph = torch.cuda.CUDAGraph()
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for at in range(SETS):
            step.run(at)
    torch.cuda.current_stream().wait_stream(side)
    torch.cuda.synchronize()
    torch.cuda.empty_cache()
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
        for at in range(SETS):
            step.run(at)
    replay = lambda _: graph.replay()
    count = _repeats(step, min(_between_events(step, replay, 2, 0)))
    seconds = [each / SETS for each in _between_events(step, replay, count, 0)]
    del graph
    # Gradients live in the graph's memory.
    for parameter in [*step.parameters, *step.masters]:
        parameter.grad = None
    torch.cuda.empty_cache()
    if step.exchange:
        # Equal pauses: a rank that ends its own later would be waited for in the first exchange.
        host_s = step.exchange.longest(host_s)
    pause_s = min(LONGEST_PAUSE_S, 1.5 * host_s + 1e-3)
    return {"seconds": seconds, "parts": _marked(step, 9, int(pause_s * CYCLES_PER_S))}


def _host_seconds(step):
    torch.cuda.synchronize()
    began = perf_counter()
    step.run(0)
    issued = perf_counter() - began
    torch.cuda.synchronize()
    return issued


def _between_events(step, action, count, pause):
    marks = [[torch.cuda.Event(enable_timing=True) for _ in range(2)] for _ in range(count)]
    for turn, (start, end) in enumerate(marks):
        _meet(step, pause)
        start.record()
        action(turn % SETS)
        end.record()
    torch.cuda.synchronize()
    return [start.elapsed_time(end) * 1e-3 for start, end in marks]


def _marked(step, count, pause):
    runs = []
    for turn in range(count):
        marks = []

        def mark(part):
            event = torch.cuda.Event(enable_timing=True)
            event.record()
            marks.append((part, event))

        _meet(step, pause)
        mark("")
        step.run(turn % SETS, mark)
        runs.append(marks)
    torch.cuda.synchronize()
    return _parts(runs, lambda a, b: a.elapsed_time(b) * 1e-3)


def _meet(step, pause):
    if step.exchange:
        step.exchange.meet()
    if pause:
        torch.cuda._sleep(pause)
