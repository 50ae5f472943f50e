"""A CUDA device or the CPU, by PyTorch. Memories are uint8 tensors."""

import ctypes
import platform
import subprocess
import traceback
from contextlib import contextmanager, nullcontext
from math import prod

import torch

from .clock_timing import time_by_clock
from .failures import Failure, bytes_asked, out_of_memory, unsupported
from .host_facts import cpu_description
from .tensors import stored_dims, tensors_of_program
from .torch_fill import fill
from .torch_model import ModelKernel
from .torch_operation import TorchKernel, dtypes
from .torch_operators import TorchOperators
from .torch_problem import Problems, trial_memories
from .torch_source import SourceKernel, Sources
from .torch_timing import DeviceClock, Round
from .training_measurement import measure_step

# A freed memory of this size goes back to the driver at once.
LARGE_BYTES = 1 << 28


class TorchDevice:
    def __init__(self, kind, index):
        self.device = torch.device(kind, index) if kind == "cuda" else torch.device("cpu")
        if self.is_cuda:
            torch.cuda.set_device(self.device)
            self.clock = DeviceClock()
        for option in ("allow_fp16_reduced_precision_reduction", "allow_bf16_reduced_precision_reduction"):
            # Sums are formed in fp32.
            setattr(torch.backends.cuda.matmul, option, False)
        self.all_cores = torch.get_num_threads()
        # Made before the first kernel that comes in source.
        self.sources = None
        self.problems = Problems(self.device)
        self.operators = TorchOperators(self.device, self._cache_bytes())

    @property
    def is_cuda(self):
        return self.device.type == "cuda"

    def describe(self):
        versions = {"torch": torch.__version__, **self.operators.versions()}
        if not self.is_cuda:
            return cpu_description("PyTorch", versions)
        facts = torch.cuda.get_device_properties(self.device)
        driver = self._nvidia_smi("driver_version")
        uuid = getattr(facts, "uuid", None)
        return {
            "name": facts.name,
            "kind": "gpu",
            "memoryBytes": facts.total_memory,
            "cacheBytes": self._cache_bytes(),
            "units": facts.multi_processor_count,
            "versions": {
                "python": platform.python_version(),
                **versions,
                "cuda": str(torch.version.cuda or torch.version.hip),
                **({"driver": driver[0]} if driver else {}),
            },
            "details": {
                "framework": "PyTorch",
                **({"uuid": str(uuid)} if uuid else {}),
                "compute capability": f"{facts.major}.{facts.minor}",
                "devices": torch.cuda.device_count(),
                "timed by": "CUDA events around graph replays, around launches where nothing can be captured",
            },
        }

    def _cache_bytes(self):
        return getattr(torch.cuda.get_device_properties(self.device), "L2_cache_size", 0) if self.is_cuda else 0

    def implementations(self):
        return self.operators.implementations()

    def allocate(self, bytes):
        # A whole number of words, so that any pattern fits.
        try:
            return torch.empty(-(-max(bytes, 4) // 4) * 4, dtype=torch.uint8, device=self.device)
        except RuntimeError as error:
            if not _is_out_of_memory(error):
                raise
            raise out_of_memory(bytes, self._free_bytes()) from None

    def _free_bytes(self):
        if not self.is_cuda:
            return None
        torch.cuda.empty_cache()
        return torch.cuda.mem_get_info(self.device)[0]

    def free(self, memory):
        if self.is_cuda:
            self.clock.forget()
        large = memory.numel() >= LARGE_BYTES
        memory.set_()
        if large and self.is_cuda:
            torch.cuda.empty_cache()

    def fill(self, memory, pattern):
        fill(memory, pattern)

    def write(self, memory, offset, content):
        if offset + len(content) > memory.numel():
            raise Failure("request", f"{len(content)} bytes at {offset} do not fit in {memory.numel()}")
        if content:
            memory[offset : offset + len(content)].copy_(torch.frombuffer(bytearray(content), dtype=torch.uint8))

    def read(self, memory, offset, bytes):
        if offset + bytes > memory.numel():
            raise Failure("request", f"no {bytes} bytes at {offset} of {memory.numel()}")
        host = memory[offset : offset + bytes].cpu().contiguous()
        return ctypes.string_at(host.data_ptr(), bytes)

    def build(self, program):
        operator, data_type, shape = program["operator"], program["dataType"], program["shape"]
        if "source" in program:
            return self._build_source(program)
        implementation = program["implementation"]
        if implementation not in self.implementations().get(operator, {}).get(data_type, ()):
            raise unsupported(f"no {implementation} {operator} on {data_type}")
        if self.operators.is_collective(operator):
            return self.operators.collective(program)
        problem = self._problem_of(program)
        operation = (
            problem.operation(implementation)
            if problem
            else self.operators.make(operator, data_type, shape, implementation)
        )
        precision = "high" if data_type == "tf32" else "highest"
        kernel = TorchKernel(operation, tensors_of_program(program), precision, program.get("cores"))
        self._try(kernel, program)
        return kernel

    def _build_source(self, program):
        if self.sources is None:
            self.sources = self.make_sources()
        return self.sources.build(program, lambda tensors: self._trial(program, tensors), self._problem_of(program))

    def _problem_of(self, program):
        return self.problems.of(program["problem"], program["dataType"]) if "problem" in program else None

    def _trial(self, program, tensors):
        """Memories for a first call."""
        problem = self._problem_of(program)
        if problem:
            return trial_memories(problem)
        return [trial_memory(tensor, program["shape"], self.device) for tensor in tensors]

    def make_sources(self):
        return Sources()

    def _try(self, kernel, program):
        """Compiles what compiles on its first call, on memory of its own; where that finds no room, the first run will."""
        try:
            self.run(kernel, self._trial(program, kernel.tensors))
        except Failure as failure:
            if failure.kind != "out-of-memory":
                raise
        except Exception as error:
            if _is_out_of_memory(error):
                return
            raise _refusal(error, program) from error

    def run(self, kernel, memories):
        with self._settings(kernel):
            _, answer = kernel.bind(memories)
            with self._watched(kernel, only_memory=True):
                answer()
                self._wait()

    def time(self, launches, warm_up, repeats):
        first = launches[0][0]
        if getattr(first, "times_itself", False):
            return first.time(len(launches), warm_up, repeats)
        with self._settings(first), self._watched(first, only_memory=False):
            if not self.is_cuda:
                return time_by_clock(list(_steps(launches)), warm_up, repeats), "clock"
            key = [(id(kernel), *map(id, memories)) for kernel, memories in launches]
            timed = self.clock.time(key, lambda: _round(launches), warm_up, repeats)
            if isinstance(first, (SourceKernel, ModelKernel)):
                self.clock.refuse_hidden_work()
            return timed

    def _watched(self, kernel, *, only_memory):
        return self.sources.watched(kernel, only_memory=only_memory) if self.sources else nullcontext()

    @contextmanager
    def _settings(self, kernel):
        """Precision and cores for one kernel; its want of memory becomes a failure that says what was asked."""
        if getattr(kernel, "times_itself", False):
            yield
            return
        torch.set_float32_matmul_precision(kernel.precision)
        torch.backends.cudnn.allow_tf32 = kernel.precision == "high"
        if not self.is_cuda:
            torch.set_num_threads(kernel.cores or self.all_cores)
        try:
            with torch.no_grad():
                yield
        except RuntimeError as error:
            if not _is_out_of_memory(error):
                raise
            asked = bytes_asked(str(error))
            raise out_of_memory(asked, self._free_bytes()) from error

    def _wait(self):
        if self.is_cuda:
            torch.cuda.synchronize()

    def training_step(self, job):
        """Seconds of a training step by each of the job's paths, on this device or with others of this host."""
        devices = job.get("devices", 1)
        if devices > 1:
            return self.operators.collectives.training_step(job, devices)
        return measure_step(job, self.device)

    def clocks(self):
        """Clock rates by nvidia-smi (Hz), where it is there."""
        values = self._nvidia_smi("clocks.sm,clocks.mem") if self.is_cuda else None
        try:
            return {"coreHz": float(values[0]) * 1e6, "memoryHz": float(values[1]) * 1e6} if values else {}
        except ValueError:
            return {}

    def _nvidia_smi(self, query):
        facts = torch.cuda.get_device_properties(self.device)
        which = str(getattr(facts, "uuid", self.device.index))
        if "-" in which and not which.startswith("GPU-"):
            which = f"GPU-{which}"
        command = ["nvidia-smi", f"--query-gpu={query}", "--format=csv,noheader,nounits", "-i", which]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
        except (OSError, subprocess.SubprocessError):
            return None
        return [value.strip() for value in done.stdout.split("\n")[0].split(",")]

    def close(self):
        self.operators.close()


def _steps(launches):
    """A function for each launch, the same for the same kernel on the same memories."""
    known = {}
    for kernel, memories in launches:
        key = (id(kernel), *map(id, memories))
        if key not in known:
            known[key] = kernel.bind(memories)[0]
        yield known[key]


def _round(launches):
    operations = {id(kernel): kernel.operation for kernel, _ in launches}.values()
    return Round(
        list(_steps(launches)),
        capturable=all(each.capturable for each in operations),
        host_paced=any(each.host_paced for each in operations),
        launches=max(each.launches for each in operations),
    )


def trial_memory(tensor, shape, device):
    """Memory for a first call: zeros, but offsets that are some, since a wrong one reads outside its tensor."""
    dims = stored_dims(tensor)
    # What runs beyond it must not bring the process down before a check can tell.
    room, length = 4096, prod(dims)
    memory = torch.zeros(length + 2 * room, dtype=dtypes[tensor.element], device=device)[room : room + length]
    if tensor.name == "rowStarts":
        memory.copy_(torch.arange(memory.numel()))
    if tensor.name == "rowIds":
        memory.copy_(torch.arange(memory.numel()) % shape["rows"])
    if tensor.name == "offsets":
        memory.copy_(torch.arange(memory.numel()) * shape["length"])
    if tensor.name == "outerLengths":
        memory.copy_((torch.arange(memory.numel()) + 1) * shape["events"] // shape["batch"])
    if tensor.name == "innerLengths":
        memory.fill_(shape["length"])
    return memory.view(torch.uint8)


def _is_out_of_memory(error):
    return isinstance(error, torch.cuda.OutOfMemoryError) or "can't allocate memory" in str(error)


def _refusal(error, program):
    """What a kernel's first call ran into: its compiler, or arithmetic that the device does not have."""
    message = f"{type(error).__name__}: {error}"
    if "CUDA error" in message or "illegal memory" in message:
        return error
    if program["implementation"] in ("torch-compile", "triton"):
        return Failure("compile", message.splitlines()[0], log=traceback.format_exc())
    if isinstance(error, (RuntimeError, NotImplementedError, ValueError)):
        return unsupported(f"{program['operator']} on {program['dataType']}: {message}")
    return error
