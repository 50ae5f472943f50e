"""The protocol: one JSON object a line, `{id, method, params}` in, `{id, result}` or `{id, error}` out."""

import base64
import json
import os
import sys
import traceback

from .failures import Failure
from .finding import find_devices
from .learner_requests import LearnerRequests

# Both sides name the version they speak; a change in any request or reply makes it another.
PROTOCOL = 2

# Data up to this many bytes travels inside the line, more of it through a file.
INLINE_BYTES = 1 << 18


def serve():
    """Answers requests from standard input until it ends. Whatever else prints goes to standard error."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    sys.stdin.reconfigure(encoding="utf-8")
    session = Session()
    try:
        for line in sys.stdin:
            replies.write(json.dumps(session.answer(line), allow_nan=False) + "\n")
            replies.flush()
            if session.closed:
                break
    except (BrokenPipeError, KeyboardInterrupt):
        pass
    finally:
        session.close()


class Session(LearnerRequests):
    """Devices, memories and kernels that the other side knows by number."""

    def __init__(self):
        super().__init__()
        self.device = None
        self.devices = []
        self.memories = {}
        self.kernels = {}
        self.numbers = 0
        self.closed = False

    def answer(self, line):
        number = None
        try:
            request = json.loads(line)
            number = request["id"]
            method = getattr(self, "do_" + request["method"].replace("-", "_"), None)
            if method is None:
                raise Failure("request", f"no method {request['method']}")
            return {"id": number, "result": method(**request.get("params", {}))}
        except Failure as failure:
            return {"id": number, "error": {"kind": failure.kind, "message": str(failure), **failure.fields}}
        except MemoryError:
            return {"id": number, "error": {"kind": "out-of-memory", "message": "out of host memory", "askedBytes": 0}}
        except Exception as error:
            message = f"{type(error).__name__}: {error}"
            return {
                "id": number,
                "error": {"kind": "python", "message": message, "traceback": traceback.format_exc()},
            }

    def do_hello(self, protocol):
        if protocol != PROTOCOL:
            raise Failure("protocol", f"the worker speaks protocol {PROTOCOL}, not {protocol}")
        self.devices, looked = find_devices()
        return {
            "protocol": PROTOCOL,
            "python": sys.version.split()[0],
            "devices": [found.name for found in self.devices],
            "looked": looked,
        }

    def do_open(self, index):
        if not 0 <= index < len(self.devices):
            raise Failure("unavailable", f"no device {index}: there are {len(self.devices)}")
        self.device = self.devices[index].open()
        return {"description": self.device.describe(), "implementations": self.device.implementations()}

    def do_allocate(self, bytes):
        return {"memory": self._keep(self.memories, self.device.allocate(bytes))}

    def do_allocate_guarded(self, bytes, guardBytes):
        whole = self.device.allocate(bytes + 2 * guardBytes)
        edges = [0, guardBytes, guardBytes + bytes, 2 * guardBytes + bytes]
        parts = [whole[start:end] for start, end in zip(edges, edges[1:])]
        return {name: self._keep(self.memories, part) for name, part in zip(("before", "memory", "after"), parts)}

    def do_free(self, memory):
        self._memory(memory)
        self.device.free(self.memories.pop(memory))

    def do_fill(self, memory, pattern):
        self.device.fill(self._memory(memory), pattern)

    def do_write(self, memory, offset, data=None, file=None):
        if file is None:
            content = base64.b64decode(data)
        else:
            with open(file, "rb") as stream:
                content = stream.read()
        self.device.write(self._memory(memory), offset, content)

    def do_read(self, memory, offset, bytes, file=None):
        return _given(self.device.read(self._memory(memory), offset, bytes), file)

    def do_compile(self, program):
        kernel = self.device.build(program)
        error = getattr(kernel, "checked_error", None)
        checked = {} if error is None else {"checkedError": error}
        computes_by = getattr(kernel, "computes_by", "")
        return {
            "kernel": self._keep(self.kernels, kernel),
            "details": kernel.details,
            "computesBy": computes_by,
            **checked,
        }

    def do_release(self, kernel):
        self.kernels.pop(kernel, None)

    def do_describe_problem(self, text):
        return self._problems().describe(text)

    def do_fill_problem(self, memory, problem, dataType, tensor, seed):
        self._problems().fill(self._memory(memory), problem, dataType, tensor, seed)

    def do_problem_input(self, problem, dataType, tensor, seed, offset, bytes, file=None):
        content = self._problems().input_bytes(problem, dataType, tensor, seed, offset, bytes)
        return _given(content, file)

    def do_problem_answers(self, problem, dataType, tensor, seed, indices=None, file=None):
        return _given(self._problems().answer_bytes(problem, dataType, tensor, seed, indices), file)

    def _problems(self):
        problems = getattr(self.device, "problems", None)
        if problems is None:
            raise Failure("unsupported", "problem files are models of PyTorch, which is not here")
        return problems

    def do_run(self, launch):
        self.device.run(*self._launch(launch))

    def do_time(self, launches, warmUp, repeats):
        if not launches or repeats < 1:
            raise Failure("request", "nothing to time")
        times, clock = self.device.time([self._launch(each) for each in launches], warmUp, repeats)
        return {"seconds": times, "clock": clock}

    def do_training_step(self, job):
        measure = getattr(self.device, "training_step", None)
        if measure is None:
            raise Failure("unsupported", "training steps are modules of PyTorch, which is not here")
        return measure(job)

    def do_clocks(self):
        return self.device.clocks()

    def do_close(self):
        self.closed = True

    def close(self):
        if self.device is not None:
            self.device.close()

    def _keep(self, store, thing):
        self.numbers += 1
        store[self.numbers] = thing
        return self.numbers

    def _memory(self, number):
        if number not in self.memories:
            raise Failure("request", f"no memory {number}")
        return self.memories[number]

    def _launch(self, launch):
        if launch["kernel"] not in self.kernels:
            raise Failure("request", f"no kernel {launch['kernel']}")
        return self.kernels[launch["kernel"]], [self._memory(each) for each in launch["tensors"]]


def _given(content, file):
    """Bytes inside the reply, or in a file that the other side has named."""
    if file is None:
        return {"data": base64.b64encode(content).decode("ascii")}
    with open(file, "wb") as stream:
        stream.write(content)
    return {"file": file}
