"""Timing on CUDA devices by their own clock: events around replays of a captured graph, or around plain launches."""

from collections import OrderedDict, deque
from math import ceil
from time import perf_counter

import torch

from .failures import Failure

# A repeat lasts about this long at least, so that starting it is no part of it; it has at most so many launches.
SHORTEST_REPEAT_S = 100e-6
MOST_LAUNCHES = 1000

# Cycles for which the device is kept busy while the host queues one launch, where the host is not what is measured.
CYCLES_PER_LAUNCH = 10_000
MOST_CYCLES = 20_000_000


# The host takes no longer than this to see that the device rests.
HIDDEN_S = 1e-3


class Round:
    """Steps that a repeat runs in order, and what they need of their timing."""

    def __init__(self, steps, *, capturable, host_paced, launches):
        self.steps = steps
        self.distinct = list(dict.fromkeys(steps))
        self.capturable = capturable
        self.host_paced = host_paced
        self.launches = launches

    def results(self):
        """Keeps results of one turn alive together, so that different inputs are answered in different places."""
        return deque(maxlen=len(self.distinct))

    def passes(self, once_s):
        """How often a repeat runs all steps."""
        wanted = max(ceil(SHORTEST_REPEAT_S / max(once_s, 1e-9)), ceil(self.launches / len(self.steps)))
        return max(1, min(wanted, MOST_LAUNCHES // len(self.steps)))


# Rounds that are timed in turn: an implementation and another one, each with two lists of launches.
MOST_KEPT = 4


class DeviceClock:
    """Times rounds. Graphs of the last few are kept, since the same are often asked for again, in turn."""

    def __init__(self):
        self.forget()

    def forget(self):
        """Lets go of the memory that graphs work on."""
        self.kept = OrderedDict()

    def time(self, key, make_round, warm_up, repeats):
        """Seconds of one step by repeat, and how they were found. Rounds of the same key are the same."""
        key = tuple(key)
        if key not in self.kept:
            self._keep(key, make_round())
        self.kept.move_to_end(key)
        _, action, count, way, pause = self.kept[key]
        times = _between_events(action, warm_up + repeats, pause)[warm_up:]
        return [each / count for each in times], way

    def refuse_hidden_work(self):
        """Fails where the device rests long after this stream does, after what was timed last: something runs on another one."""
        _, action, _, _, _ = self.kept[next(reversed(self.kept))]
        shown, waited = min((_waited(action) for _ in range(3)), key=lambda each: each[1])
        if waited > 2 * shown + HIDDEN_S:
            times = f"{shown * 1e6:.0f} µs by events, {waited * 1e6:.0f} µs until the device rests"
            raise Failure("cheat", f"works on another stream: {times}", rule="other stream")

    def _keep(self, key, round):
        while len(self.kept) >= MOST_KEPT:
            self.kept.popitem(last=False)
        try:
            prepared = self._prepare(round)
        except torch.cuda.OutOfMemoryError:
            if not self.kept:
                raise
            # Others' results may be what the memory is full of.
            self.forget()
            torch.cuda.empty_cache()
            prepared = self._prepare(round)
        # The round goes with its graph: a key is made of identities, which are free again when it is gone.
        self.kept[key] = (round, *prepared)

    def _prepare(self, round):
        """What a repeat does, how many steps that is, how it is timed, and cycles of pause before it."""
        way = "events"
        if round.capturable:
            try:
                return (*_graph_of(round), "graph", 0)
            except torch.cuda.OutOfMemoryError:
                raise
            except Exception as error:
                torch.cuda.synchronize()
                refusal = (str(error) or type(error).__name__).splitlines()[0]
                way = f"events (no graph: {refusal})"
        results = round.results()

        def run(passes):
            for _ in range(passes):
                for step in round.steps:
                    results.append(step())

        run(1)
        passes = round.passes(_between_events(lambda: run(1), 1, 0)[0])
        count = passes * len(round.steps)
        pause = 0 if round.host_paced else min(MOST_CYCLES, CYCLES_PER_LAUNCH * count)
        return lambda: run(passes), count, way, pause


def _graph_of(round):
    # Whatever a first call sets up cannot be captured.
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for step in round.distinct:
            step()
    torch.cuda.current_stream().wait_stream(side)
    torch.cuda.synchronize()
    action = _capture(round, 1)
    passes = round.passes(min(_between_events(action, 2, 0)))
    if passes > 1:
        action = _capture(round, passes)
    return action, passes * len(round.steps)


def _capture(round, passes):
    graph = torch.cuda.CUDAGraph()
    results = round.results()
    with torch.cuda.graph(graph):
        for _ in range(passes):
            for step in round.steps:
                results.append(step())

    def replay(_results=results):
        graph.replay()

    return replay


def _waited(action):
    """Seconds of an action between events on this stream, and until the whole device rests."""
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize()
    began = perf_counter()
    start.record()
    action()
    end.record()
    torch.cuda.synchronize()
    waited = perf_counter() - began
    return start.elapsed_time(end) * 1e-3, waited


def _between_events(action, count, pause):
    """Seconds of each of `count` actions, issued one after another without waiting."""
    marks = [[torch.cuda.Event(enable_timing=True) for _ in range(2)] for _ in range(count)]
    for start, end in marks:
        if pause:
            torch.cuda._sleep(pause)
        start.record()
        action()
        end.record()
    torch.cuda.synchronize()
    return [start.elapsed_time(end) * 1e-3 for start, end in marks]
