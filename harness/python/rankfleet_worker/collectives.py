"""All-to-all and all-reduce over the devices of this host: one process a device, kept alive from shape to shape."""

import multiprocessing
import os
import shutil
import sys
import tempfile

import torch

from .collective_rank import run_rank
from .failures import Failure, out_of_memory, unsupported

# Until a rank has answered: the first call sets up the communicator.
LONGEST_WAIT_S = 300


class Collectives:
    def __init__(self, device_type):
        self.device_type = device_type
        self.group = None

    def available(self):
        return torch.distributed.is_available() and (
            torch.distributed.is_nccl_available()
            if self.device_type == "cuda"
            else torch.distributed.is_gloo_available()
        )

    def implementations(self):
        """Best first; none where there is nobody to talk to."""
        if not self.available():
            return []
        if self.device_type == "cpu":
            return ["gloo"]
        return ["nccl-graph", "nccl"] if torch.cuda.device_count() > 1 else []

    def build(self, program):
        devices, bytes = program["shape"]["devices"], program["shape"]["bytes"]
        if devices < 2:
            raise unsupported(f"a collective of {devices} device")
        if self.device_type == "cuda" and devices > torch.cuda.device_count():
            raise unsupported(f"{devices} devices: there are {torch.cuda.device_count()}")
        if bytes < 4 * devices or bytes % (4 * devices):
            raise unsupported(f"{bytes} bytes are no equal number of words for each of {devices} devices")
        self._gather(devices)
        kernel = CollectiveKernel(self, program)
        kernel.checked_error = max(self.ask("check", kernel.operator, kernel.bytes))
        return kernel

    def _gather(self, devices):
        if self.group is None or self.group.devices != devices:
            self.close()
            self.group = Group(self.device_type, devices)

    def training_step(self, job, devices):
        """A training step of all ranks: of each repeat and each part what the slowest rank took."""
        if not self.available():
            raise unsupported("several devices: this PyTorch has no collectives for them")
        if self.device_type == "cuda" and devices > torch.cuda.device_count():
            raise unsupported(f"{devices} devices: there are {torch.cuda.device_count()}")
        self._gather(devices)
        return slowest(self.ask("training_step", job))

    def ask(self, *command):
        """Every rank's answer. After a failure the group is ended, since its ranks no longer keep step."""
        if self.group is None:
            raise Failure("request", "the processes of this collective have ended")
        try:
            return self.group.ask(*command)
        except BaseException:
            self.close()
            raise

    def close(self):
        if self.group is not None:
            self.group.close()
            self.group = None


def slowest(answers):
    """One answer for all ranks: times of the slowest, the greatest error, memory of the fullest."""
    first = answers[0]
    paths = {}
    for path in first["paths"]:
        own = [answer["paths"][path] for answer in answers]
        failed = next((each for each in own if "failure" in each), None)
        paths[path] = failed or {
            "seconds": [max(each) for each in zip(*(answer["seconds"] for answer in own))],
            "parts": {part: max(answer["parts"][part] for answer in own) for part in own[0]["parts"]},
        }
    greatest = ("error", "memoryBytes", "lookups")
    return {**first, "paths": paths, **{key: max(each[key] for each in answers) for key in greatest if key in first}}


class CollectiveKernel:
    times_itself = True

    def __init__(self, collectives, program):
        self.collectives = collectives
        self.operator = program["operator"]
        self.bytes = program["shape"]["bytes"]
        self.devices = program["shape"]["devices"]
        self.in_graph = program["implementation"].endswith("-graph")
        self.checked_error = None
        self.details = {"call": "torch.distributed", "ranks": self.devices}

    def bind(self, memories):
        if memories:
            raise Failure("request", f"{self.operator} makes its own tensors")

        def answer():
            self.checked_error = max(self.collectives.ask("check", self.operator, self.bytes))

        return answer, answer

    def time(self, launches, warm_up, repeats):
        """The slowest rank's seconds, by repeat."""
        iterations = max(launches, 4, min(64, (1 << 26) // self.bytes))
        times = self.collectives.ask(
            "time", self.operator, self.bytes, iterations, warm_up, repeats, self.in_graph
        )
        clock = "clock" if self.collectives.device_type == "cpu" else "graph" if self.in_graph else "events"
        return [max(ranks) for ranks in zip(*times)], clock


class Group:
    """The processes of one process group."""

    def __init__(self, device_type, devices):
        self.devices = devices
        self.folder = tempfile.mkdtemp(prefix="rankfleet-ranks-")
        context = multiprocessing.get_context("spawn")
        self.ranks = []
        try:
            for rank in range(devices):
                ours, theirs = context.Pipe()
                process = context.Process(
                    target=run_rank,
                    args=(theirs, device_type, rank, devices, os.path.join(self.folder, "store")),
                    daemon=True,
                )
                process.start()
                theirs.close()
                self.ranks.append((process, ours))
            for rank in range(devices):
                self._answer_of(rank)
        except BaseException:
            self.close()
            raise

    def ask(self, *command):
        for rank, (_, connection) in enumerate(self.ranks):
            try:
                connection.send(command)
            except OSError:
                raise _ended(rank) from None
        return [self._answer_of(rank) for rank in range(self.devices)]

    def _answer_of(self, rank):
        _, connection = self.ranks[rank]
        if not connection.poll(LONGEST_WAIT_S):
            raise Failure("python", f"rank {rank} has not answered for {LONGEST_WAIT_S} s")
        try:
            kind, content = connection.recv()
        except (EOFError, OSError):
            raise _ended(rank) from None
        if kind == "out-of-memory":
            raise out_of_memory(*content)
        if kind == "refused":
            raise unsupported(content)
        if kind == "error":
            print(content, file=sys.stderr, flush=True)
            raise Failure("python", f"rank {rank}: {content.strip().splitlines()[-1]}", traceback=content)
        return content

    def close(self):
        for process, connection in self.ranks:
            connection.close()
            process.terminate()
        for process, _ in self.ranks:
            process.join(2)
            if process.is_alive():
                process.kill()
                process.join()
        shutil.rmtree(self.folder, ignore_errors=True)


def _ended(rank):
    return Failure("python", f"the process of rank {rank} has ended")
