"""What goes wrong, in the kinds that the other side of the protocol tells apart."""

import re


class Failure(Exception):
    """
    An answer of kind `compile`, `out-of-memory`, `unsupported`, `unavailable`, `request`, or about a kernel that came in
    source `cheat` or `run`, with more fields.
    """

    def __init__(self, kind, message, **fields):
        super().__init__(message)
        self.kind = kind
        self.fields = fields


def unsupported(message):
    return Failure("unsupported", message)


def out_of_memory(asked_bytes, free_bytes=None):
    return Failure(
        "out-of-memory", f"asked for {asked_bytes} bytes", askedBytes=asked_bytes, freeBytes=free_bytes
    )


_units = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


def bytes_asked(message):
    """Bytes that an allocator's message says it was asked for, 0 where it does not say."""
    match = re.search(r"allocate ([\d.]+) (bytes|[KMGT]iB)", message)
    return round(float(match.group(1)) * _units[match.group(2)]) if match else 0
