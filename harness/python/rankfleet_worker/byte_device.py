"""What devices share whose memories are byte arrays of the host."""

from contextlib import contextmanager

from .clock_timing import time_by_clock
from .failures import Failure, out_of_memory, unsupported
from .integrity import Integrity
from .source_guard import allowed_by_numpy
from .source_kernel import load, refusal
from .tensors import stored_bytes, tensors_of


class ByteDevice:
    """Subclasses give `operators`: {operator: {data type: function of (shape, data type) → kernel function}}."""

    operators = {}
    implementation = ""
    # Made before the first kernel that comes in source.
    integrity = None

    def implementations(self):
        return {
            operator: {data_type: [self.implementation] for data_type in makers}
            for operator, makers in self.operators.items()
        }

    def allocate(self, bytes):
        try:
            return self.zeros(bytes)
        except (MemoryError, OverflowError, ValueError):
            raise out_of_memory(bytes) from None

    def free(self, memory):
        pass

    def write(self, memory, offset, content):
        if offset + len(content) > len(memory):
            raise Failure("request", f"{len(content)} bytes at {offset} do not fit in {len(memory)}")
        memoryview(memory)[offset : offset + len(content)] = content

    def read(self, memory, offset, bytes):
        if offset + bytes > len(memory):
            raise Failure("request", f"no {bytes} bytes at {offset} of {len(memory)}")
        return memoryview(memory)[offset : offset + bytes].tobytes()

    def build(self, program):
        operator, data_type, shape = program["operator"], program["dataType"], program["shape"]
        if "source" in program:
            return self._build_source(program)
        make = self.operators.get(operator, {}).get(data_type)
        if make is None or program["implementation"] != self.implementation:
            raise unsupported(f"no {program['implementation']} {operator} on {data_type}")
        if program.get("cores", 0) > 1:
            raise unsupported(f"{self.implementation} works on one core, not {program['cores']}")
        return ByteKernel(tensors_of(operator, data_type, shape), make(shape, data_type))

    def _build_source(self, program):
        if self.integrity is None:
            self.integrity = Integrity()
        tensors = tensors_of(program["operator"], program["dataType"], program["shape"])
        launch, _ = load(program, allowed_by_numpy, self.integrity)
        names = [tensor.name for tensor in tensors]
        return ByteKernel(tensors, lambda *views: launch(dict(zip(names, views))), is_foreign=True)

    def run(self, kernel, memories):
        with self._watched(kernel):
            self.bind(kernel, memories)()

    def time(self, launches, warm_up, repeats):
        steps = [self.bind(kernel, memories) for kernel, memories in launches]
        with self._watched(launches[0][0]):
            return time_by_clock(steps, warm_up, repeats), "clock"

    @contextmanager
    def _watched(self, kernel):
        """What a kernel that came in source does wrong is its own failure, and it leaves the process as it was."""
        if not kernel.is_foreign:
            yield
            return
        try:
            yield
        except MemoryError:
            raise
        except Exception as error:
            raise refusal(error) from error
        finally:
            self.integrity.check()

    def bind(self, kernel, memories):
        check_memories(kernel.tensors, memories, len)
        views = [self.view(tensor, memory) for tensor, memory in zip(kernel.tensors, memories)]
        return lambda: kernel.function(*views)

    def clocks(self):
        return {}

    def close(self):
        pass


class ByteKernel:
    def __init__(self, tensors, function, is_foreign=False):
        self.tensors = tensors
        self.function = function
        self.is_foreign = is_foreign
        self.details = {}


def check_memories(tensors, memories, size):
    """As many memories as tensors, each large enough."""
    if len(tensors) != len(memories):
        raise Failure("request", f"{len(tensors)} tensors are needed, not {len(memories)}")
    for tensor, memory in zip(tensors, memories):
        if size(memory) < stored_bytes(tensor):
            raise Failure("request", f"{tensor.name} needs {stored_bytes(tensor)} bytes, not {size(memory)}")
