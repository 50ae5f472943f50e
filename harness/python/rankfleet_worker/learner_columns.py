"""Columns of examples as the learner reads them: files of plain numbers, one after the other."""

import ctypes

import torch

from .failures import Failure

_types = {"float32": torch.float32, "float64": torch.float64, "int32": torch.int32}

_WORD = 0xFFFFFFFF


def read_numbers(file, element, count):
    """`count` numbers of a file, which must hold just these."""
    try:
        with open(file, "rb") as stream:
            content = bytearray(stream.read())
    except OSError as error:
        raise Failure("request", f"{file}: {error.strerror}") from None
    expected = count * _types[element].itemsize
    if len(content) != expected:
        raise Failure("request", f"{file} holds {len(content)} bytes, not the {expected} of {count} {element}")
    if count == 0:
        return torch.empty(0, dtype=_types[element])
    # A copy, which lies as PyTorch aligns it: how sums are formed depends on that, to the last bit.
    return torch.frombuffer(content, dtype=_types[element]).clone()


def write_numbers(file, numbers):
    """Writes a tensor's numbers in its own type."""
    there = numbers.detach().cpu().contiguous()
    with open(file, "wb") as stream:
        stream.write(ctypes.string_at(there.data_ptr(), there.numel() * there.element_size()))


def rows_of(ids, rows):
    """Row of each id in a table of `rows`: the id itself where the table has that many, else its hash."""
    unsigned = ids.to(torch.int64) & _WORD
    hashed = ((unsigned ^ (unsigned >> 16)) * 0x85EBCA6B) & _WORD
    hashed = ((hashed ^ (hashed >> 13)) * 0xC2B2AE35) & _WORD
    return torch.where(unsigned < rows, unsigned, (hashed ^ (hashed >> 16)) % rows)


def read_rows(table_rows, files, count, device):
    """Rows among all tables, one after the other, of each example's ids: count × fields."""
    found, before = [], 0
    for file, rows in zip(files, table_rows):
        found.append(rows_of(read_numbers(file, "int32", count), rows) + before)
        before += rows
    return torch.stack(found, 1).to(device)


class Columns:
    """
    Examples to learn from, in order. Labels and, where there is a teacher, its probabilities and whether it said one
    (1) or not (0) are in the learner's type.
    """

    def __init__(self, rows, labels, teacher, dtype, device):
        self.count = labels["count"]
        self.rows = rows
        self.labels = read_numbers(**labels).to(device, dtype)
        self.teacher = None
        if teacher is not None:
            said = read_numbers(**teacher)
            known = ~said.isnan()
            self.known = known.to(device, dtype)
            # Where nothing was said stands what keeps every loss finite; its weight is 0.
            self.teacher = torch.where(known, said, 0.5).to(device, dtype)

    def batch(self, start, end):
        return Batch(self, start, end)


class Batch:
    def __init__(self, columns, start, end):
        self.count = end - start
        self.rows = columns.rows[start:end]
        self.labels = columns.labels[start:end]
        if columns.teacher is not None:
            self.teacher = columns.teacher[start:end]
            self.known = columns.known[start:end]
