"""Requests that train the distillation learner. Numbers travel in files, for there are millions of them."""

from array import array
from collections import namedtuple
from contextlib import contextmanager
from math import isfinite

from .failures import Failure, bytes_asked, out_of_memory, unsupported

Opened = namedtuple("Opened", "learner columns served")


class LearnerRequests:
    """Learners, each with its examples, that the other side knows by number."""

    def __init__(self):
        self.learners = {}
        self.learner_numbers = 0

    def do_learner_check(self, device):
        """Fails where there is no PyTorch, or no such device of it."""
        _device(_torch(), device)

    def do_learner_open(self, spec, precision, device, examples, served=None, parameters=None):
        """`served` are examples to predict, where they are not those to learn from or have another order."""
        torch = _torch()
        from .learner import Learner

        # More threads only wait for each other on layers as small as these.
        torch.set_num_threads(1)
        # Said, so that PyTorch does not warn that nobody did: the optimiser makes sparse steps of sparse gradients.
        torch.sparse.check_sparse_tensor_invariants.disable()
        place, dtype = _device(torch, device), getattr(torch, precision)
        with _memory_of(torch):
            opened = Opened(Learner(spec, dtype, place), *_examples(spec, examples, served, dtype, place))
        if parameters is not None:
            _load(opened.learner, parameters, precision)
        self.learner_numbers += 1
        self.learners[self.learner_numbers] = opened
        parts = [{"name": name, "length": parameter.numel()} for name, parameter in opened.learner.parts()]
        return {"learner": self.learner_numbers, "parts": parts}

    def do_learner_train(self, learner, start, end, file):
        """Answers what was predicted of each batch before it was trained on."""
        learner, columns, _ = self._learner(learner, start, end)
        with _memory_of(_torch()):
            predictions, losses = learner.train(columns, start, end)
        _write(file, predictions)
        return {"losses": _numbers(losses), "tally": learner.tally(columns, start, end)}

    def do_learner_steps(self, learner, steps, file):
        """
        Takes steps in order: 0, start and end train on these examples, 1, start and end predict these served ones. The
        predictions are answered one after the other.
        """
        learner, columns, served = self._learner(learner)
        taken = _triples(steps)
        for predicts, start, end in taken:
            _check_range(start, end, len(served) if predicts else columns.count)
        said = [columns.labels[:0]]
        with _memory_of(_torch()):
            for predicts, start, end in taken:
                if predicts:
                    said.append(learner.predict(served[start:end]))
                else:
                    learner.train(columns, start, end)
        _write(file, _flat(said))
        trained = [(start, end) for predicts, start, end in taken if not predicts]
        return {"tally": _sum([learner.tally(columns, *each) for each in _joined(trained)])}

    def do_learner_gradients(self, learner, start, end, file):
        """Of the examples [start, end) as one batch."""
        learner, columns, _ = self._learner(learner, start, end)
        losses, gradients = learner.gradients(columns, start, end)
        _write(file, _flat(gradients))
        return {"losses": _numbers(losses)}

    def do_learner_parameters(self, learner, file):
        learner, _, _ = self._learner(learner)
        _write(file, _flat([parameter for _, parameter in learner.parts()]))

    def do_learner_close(self, learner):
        self.learners.pop(learner, None)

    def _learner(self, number, start=0, end=0):
        if number not in self.learners:
            raise Failure("request", f"no learner {number}")
        opened = self.learners[number]
        _check_range(start, end, opened.columns.count)
        return opened


def _check_range(start, end, count):
    if not 0 <= start <= end <= count:
        raise Failure("request", f"no examples {start} to {end} of {count}")


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


@contextmanager
def _memory_of(torch):
    """A device's lack of memory is told as such."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise out_of_memory(bytes_asked(str(error))) from None


def _examples(spec, examples, served, dtype, device):
    """Columns to learn from, and rows of the examples to predict."""
    from .learner_columns import Columns, read_rows

    count, table_rows = examples["count"], spec["serving"]["tableRows"]

    def column(name):
        return {**examples[name], "count": count} if name in examples else None

    rows = read_rows(table_rows, examples["ids"], count, device)
    columns = Columns(rows, column("labels"), column("teacher"), dtype, device)
    return columns, read_rows(table_rows, served["ids"], served["count"], device) if served else rows


def _triples(file):
    """Three whole numbers a step."""
    numbers = array("i")
    with open(file, "rb") as stream:
        numbers.frombytes(stream.read())
    return list(zip(numbers[0::3], numbers[1::3], numbers[2::3]))


def _joined(ranges):
    """The same ranges, those that follow each other as one."""
    joined = []
    for start, end in ranges:
        if joined and joined[-1][1] == start:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def _sum(tallies):
    return {name: sum(each[name] for each in tallies) for name in ("examples", "withoutTeacher", "clippedLabels")}


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
    return _torch().cat([tensor.detach().flatten() for tensor in tensors])


def _write(file, numbers):
    from .learner_columns import write_numbers

    write_numbers(file, numbers)


def _numbers(losses):
    """JSON has no number for what is none."""
    return [value if isfinite(value) else None for value in losses.tolist()]
