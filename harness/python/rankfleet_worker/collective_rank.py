"""One rank of a collective: a process of its own that answers its parent's commands until the pipe closes."""

import ctypes
import os
import signal
import sys
import time
import traceback
from datetime import timedelta
from math import log

import torch
import torch.distributed as dist

from .failures import Failure, bytes_asked
from .torch_fill import hash_words, unit_floats
from .training_exchange import Exchange
from .training_measurement import measure_step

SEED = 7
# Elements that are compared at once: a reference in float64 of everything would take twice the memory again.
PART = 1 << 24
PAUSE_CYCLES = 400_000


def run_rank(connection, device_type, rank, ranks, store):
    _end_with_parent()
    try:
        if device_type == "cuda":
            torch.cuda.set_device(rank)
        elif sys.platform == "linux":
            os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
            torch.set_num_threads(1)
        dist.init_process_group(
            "nccl" if device_type == "cuda" else "gloo",
            init_method=f"file://{store}",
            rank=rank,
            world_size=ranks,
            timeout=timedelta(seconds=120),
        )
        worker = Rank(torch.device(device_type, rank) if device_type == "cuda" else torch.device("cpu"), rank, ranks)
        connection.send(("ready", None))
        while True:
            command, *arguments = connection.recv()
            connection.send(("answer", getattr(worker, command)(*arguments)))
    except (EOFError, KeyboardInterrupt):
        pass
    except torch.cuda.OutOfMemoryError as error:
        connection.send(("out-of-memory", (bytes_asked(str(error)), torch.cuda.mem_get_info()[0])))
    except Refused as error:
        connection.send(("refused", str(error)))
    except Failure as failure:
        connection.send(("out-of-memory" if failure.kind == "out-of-memory" else "refused", _content_of(failure)))
    except Exception:
        connection.send(("error", traceback.format_exc()))
    finally:
        connection.close()
        # Taking the group down in good order would wait for ranks that may have ended.
        os._exit(0)


def _content_of(failure):
    if failure.kind == "out-of-memory":
        return (failure.fields["askedBytes"], failure.fields["freeBytes"])
    return str(failure)


class Refused(Exception):
    """A way of running that this installation does not have."""


def _end_with_parent():
    """Asks Linux to end this process when its parent ends, however that happens."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)


class Rank:
    def __init__(self, device, rank, ranks):
        self.device, self.rank, self.ranks = device, rank, ranks
        self.is_cuda = device.type == "cuda"
        self.made = (None, None)

    def check(self, operator, bytes):
        """Relative error of one collective's answer on this rank."""
        source, target, call = self._buffers(operator, bytes)
        target.fill_(float("nan"))
        call()
        self._wait()
        wrong, size = 0.0, 0.0
        for first in range(0, target.numel(), PART):
            part = target[first : first + PART].double()
            expected = self._expected(operator, first, part.numel(), target.numel())
            wrong += float((part - expected).square().sum())
            size += float(expected.square().sum())
        return (wrong / size) ** 0.5 if wrong == wrong else sys.float_info.max

    def _values(self, rank, first, count, total):
        return unit_floats(hash_words(rank * total + first, count, SEED, self.device))

    def _expected(self, operator, first, count, total):
        if operator == "all-reduce":
            return sum(self._values(rank, first, count, total).double() for rank in range(self.ranks))
        share = total // self.ranks
        position = torch.arange(first, first + count, device=self.device)
        owner = position // share
        # Share s of the answer is this rank's share of what rank s held.
        expected = torch.empty(count, dtype=torch.float64, device=self.device)
        for rank in range(self.ranks):
            low, high = max(first, rank * share), min(first + count, (rank + 1) * share)
            if low < high:
                start = self.rank * share + low - rank * share
                expected[owner == rank] = self._values(rank, start, high - low, total).double()
        return expected

    def _buffers(self, operator, bytes):
        """What this rank holds, where the answer comes, and the call that brings it (for a reduction: from a copy)."""
        key = (operator, bytes)
        if self.made[0] != key:
            self.made = (None, None)
            count = bytes // 4
            source = self._values(self.rank, 0, count, count)
            self.made = (key, (source, torch.empty_like(source)))
        source, target = self.made[1]
        if operator == "all-to-all":
            return source, target, lambda: dist.all_to_all_single(target, source)

        def reduce_copy():
            target.copy_(source)
            dist.all_reduce(target)

        return source, target, reduce_copy

    def time(self, operator, bytes, iterations, warm_up, repeats, in_graph):
        """Seconds of one collective, by repeat, on this rank's clock."""
        source, target, call = self._buffers(operator, bytes)
        reduces = operator == "all-reduce"
        once = (lambda: dist.all_reduce(target)) if reduces else call
        # Sums of sums grow by the number of ranks each time: a fresh start keeps them finite.
        fresh = (lambda: target.copy_(source)) if reduces else (lambda: None)
        if reduces:
            iterations = min(iterations, int(85 / log(self.ranks)))

        def many():
            for _ in range(iterations):
                once()

        fresh()
        many()
        self._wait()
        if not self.is_cuda:
            return [self._clocked(many, fresh) / iterations for _ in range(warm_up + repeats)][warm_up:]
        replay = self._captured(many) if in_graph else many
        return [self._between_events(replay, fresh) / iterations for _ in range(warm_up + repeats)][warm_up:]

    def training_step(self, job):
        """This rank's part of a training step."""
        return measure_step(job, self.device, Exchange(self.rank, self.ranks, self.device))

    def _captured(self, many):
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph, capture_error_mode="thread_local"):
                many()
        except torch.cuda.OutOfMemoryError:
            raise
        except RuntimeError as error:
            raise Refused(f"the collective cannot be captured: {error}") from error
        return graph.replay

    def _between_events(self, action, fresh):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        fresh()
        # Time for the host to queue what follows, so that the device does not wait for it.
        torch.cuda._sleep(PAUSE_CYCLES)
        self._meet()
        start.record()
        action()
        end.record()
        end.synchronize()
        return start.elapsed_time(end) * 1e-3

    def _clocked(self, action, fresh):
        fresh()
        self._meet()
        started = time.perf_counter_ns()
        action()
        return (time.perf_counter_ns() - started) * 1e-9

    def _meet(self):
        """Ranks start together: a small reduction ends on none of them before all are there."""
        dist.all_reduce(self._token())

    def _token(self):
        if not hasattr(self, "token"):
            self.token = torch.ones(1, device=self.device)
        return self.token.fill_(1)

    def _wait(self):
        if self.is_cuda:
            torch.cuda.synchronize()
