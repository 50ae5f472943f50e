"""Requests that train the distillation learner. Numbers travel in files, for there are millions of them."""

import time
from math import isfinite

from .failures import Failure, bytes_asked, out_of_memory, unsupported


class LearnerRequests:
    """Learners, each with its examples, that the other side knows by number."""

    def __init__(self):
        self.learners = {}
        self.learner_numbers = 0

    def do_learner_open(self, spec, precision, device, examples, parameters=None, cores=1):
        torch = _torch()
        from .learner import Learner
        from .learner_columns import Columns

        # Other threads only wait for each other on layers as small as these.
        torch.set_num_threads(cores)
        # Said, so that PyTorch does not warn that nobody did: the optimiser makes sparse steps of sparse gradients.
        torch.sparse.check_sparse_tensor_invariants.disable()
        place, dtype = _device(torch, device), getattr(torch, precision)
        with _memory_of(torch):
            learner = Learner(spec, dtype, place)
            columns = Columns(spec["serving"]["tableRows"], **_of(examples), dtype=dtype, device=place)
        if parameters is not None:
            _load(learner, parameters, precision)
        self.learner_numbers += 1
        self.learners[self.learner_numbers] = learner, columns
        parts = [{"name": name, "length": parameter.numel()} for name, parameter in learner.parts()]
        return {"learner": self.learner_numbers, "parts": parts, "torch": torch.__version__, "device": str(place)}

    def do_learner_train(self, learner, start, end, file):
        trained, columns = self._learner(learner, start, end)
        began = time.perf_counter()
        with _memory_of(_torch()):
            predictions, losses = trained.train(columns, start, end)
        _write(file, predictions)
        return {
            "losses": _numbers(losses),
            "tally": trained.tally(columns, start, end),
            "seconds": time.perf_counter() - began,
        }

    def do_learner_predict(self, learner, start, end, file):
        trained, columns = self._learner(learner, start, end)
        _write(file, trained.predict(columns, start, end))

    def do_learner_gradients(self, learner, start, end, file):
        """Of the examples [start, end) as one batch."""
        trained, columns = self._learner(learner, start, end)
        losses, gradients = trained.gradients(columns, start, end)
        _write(file, _flat(gradients))
        return {"losses": _numbers(losses)}

    def do_learner_parameters(self, learner, file):
        trained, _ = self._learner(learner)
        _write(file, _flat([parameter for _, parameter in trained.parts()]))

    def do_learner_close(self, learner):
        self.learners.pop(learner, None)

    def _learner(self, number, start=0, end=0):
        if number not in self.learners:
            raise Failure("request", f"no learner {number}")
        learner, columns = self.learners[number]
        if not 0 <= start <= end <= columns.count:
            raise Failure("request", f"no examples {start} to {end} of {columns.count}")
        return learner, columns


def _torch():
    try:
        import torch
    except Exception as error:
        raise unsupported(f"training by Python needs PyTorch: {error}") from None
    return torch


def _device(torch, name):
    """The CPU, or a CUDA device by torch's name of it."""
    if name == "cpu":
        return torch.device("cpu")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    try:
        device = torch.device(name)
    except RuntimeError:
        raise unsupported(f"PyTorch knows no device '{name}'") from None
    if device.type != "cuda" or (device.index or 0) >= count:
        raise unsupported(f"no device '{name}' to train on: PyTorch has the CPU and {count} of CUDA")
    return device


class _memory_of:
    """A device's lack of memory is told as such."""

    def __init__(self, torch):
        self.torch = torch

    def __enter__(self):
        return self

    def __exit__(self, _kind, error, _trace):
        if isinstance(error, self.torch.OutOfMemoryError):
            raise out_of_memory(bytes_asked(str(error))) from None


def _of(examples):
    """Files of the columns, each as its reader takes it."""
    count = examples["count"]

    def column(given):
        return given and {"file": given["file"], "element": given["element"], "count": count}

    return {
        "ids": examples["ids"],
        "labels": column(examples["labels"]),
        "teacher": column(examples.get("teacher")),
    }


def _load(learner, file, element):
    from .learner_columns import read_numbers

    parameters = [parameter for _, parameter in learner.parts()]
    given = read_numbers(file, element, sum(parameter.numel() for parameter in parameters))
    at = 0
    for parameter in parameters:
        values = given[at : at + parameter.numel()]
        parameter.data.copy_(values.view_as(parameter))
        at += parameter.numel()


def _flat(tensors):
    import torch

    return torch.cat([tensor.detach().flatten() for tensor in tensors])


def _write(file, numbers):
    from .learner_columns import write_numbers

    write_numbers(file, numbers)


def _numbers(losses):
    """JSON has no number for what is none."""
    return [value if isfinite(value) else None for value in losses.tolist()]
