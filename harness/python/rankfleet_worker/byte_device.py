"""What devices share whose memories are byte arrays of the host."""

from .clock_timing import time_by_clock
from .failures import Failure, out_of_memory, unsupported
from .tensors import stored_bytes, tensors_of


class ByteDevice:
    """Subclasses give `operators`: {operator: {data type: function of (shape, data type) → kernel function}}."""

    operators = {}
    implementation = ""

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
        make = self.operators.get(operator, {}).get(data_type)
        if make is None or program["implementation"] != self.implementation:
            raise unsupported(f"no {program['implementation']} {operator} on {data_type}")
        if program.get("cores", 0) > 1:
            raise unsupported(f"{self.implementation} works on one core, not {program['cores']}")
        return ByteKernel(tensors_of(operator, data_type, shape), make(shape, data_type))

    def run(self, kernel, memories):
        self.bind(kernel, memories)()

    def time(self, launches, warm_up, repeats):
        steps = [self.bind(kernel, memories) for kernel, memories in launches]
        return time_by_clock(steps, warm_up, repeats), "clock"

    def bind(self, kernel, memories):
        check_memories(kernel.tensors, memories, len)
        views = [self.view(tensor, memory) for tensor, memory in zip(kernel.tensors, memories)]
        return lambda: kernel.function(*views)

    def clocks(self):
        return {}

    def close(self):
        pass


class ByteKernel:
    def __init__(self, tensors, function):
        self.tensors = tensors
        self.function = function
        self.details = {}


def check_memories(tensors, memories, size):
    """As many memories as tensors, each large enough."""
    if len(tensors) != len(memories):
        raise Failure("request", f"{len(tensors)} tensors are needed, not {len(memories)}")
    for tensor, memory in zip(tensors, memories):
        if size(memory) < stored_bytes(tensor):
            raise Failure("request", f"{tensor.name} needs {stored_bytes(tensor)} bytes, not {size(memory)}")
