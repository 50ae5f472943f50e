"""What happens between host and device, and reads of device memory, in PyTorch on CUDA."""

from itertools import cycle

import torch

from .torch_fill import fill, hash_words, unit_floats
from .torch_operation import Operation

HOST_SEED = 1
LAUNCHES_IN_A_ROW = 500


def copy_to_device(shape, scratch):
    pinned = bool(shape["pinned"])

    def core(data, host):
        data.copy_(host, non_blocking=pinned)
        return ()

    return _copy(core, shape, scratch, ("data",))


def copy_from_device(shape, scratch):
    pinned = bool(shape["pinned"])

    def core(data, _echo, host):
        host.copy_(data, non_blocking=pinned)
        return ()

    def then_echo(data, echo, host):
        host.fill_(-1)
        core(data, echo, host)
        torch.cuda.synchronize()
        echo.copy_(host)
        return ()

    return _copy(core, shape, scratch, ("data", "echo"), then_echo)


def _copy(core, shape, scratch, tensors, verify=None):
    def prepare(views):
        # Asked for each time: a kernel that nobody runs any more holds no memory of the host.
        host = scratch("host words", shape, lambda: _host_words(shape))
        return *(views[name] for name in tensors), host

    pinned = bool(shape["pinned"])
    return Operation(
        core,
        direct=True,
        prepare=prepare,
        capturable=False,
        host_paced=not pinned,
        verify=verify,
        details={"call": f"Tensor.copy_, {'pinned' if pinned else 'pageable'} host memory"},
    )


def _host_words(shape):
    words = torch.empty(shape["bytes"] // 4, dtype=torch.int32, pin_memory=bool(shape["pinned"]))
    fill(words.view(torch.uint8), {"kind": "hashed", "element": "i32", "seed": HOST_SEED, "rowLength": 1})
    return words


def kernel_launch(shape, device):
    """The least that PyTorch can be asked to do: add 1 to one number. Counted afterwards, so none was left out."""
    counter = torch.zeros((), dtype=torch.int32, device=device)

    def core():
        counter.add_(1)
        return ()

    for _ in range(10):
        core()
    return _launch(core, shape, abs(int(counter) - 10) / 10, "Tensor.add_ of one number")


def _launch(core, shape, error, call):
    in_graph = bool(shape["graph"])
    return Operation(
        core,
        direct=True,
        capturable=in_graph,
        host_paced=not in_graph,
        launches=LAUNCHES_IN_A_ROW,
        checked_error=error,
        details={"call": call},
    )


def empty_launch(shape, launch):
    """Launches by `launch()` of a kernel that does nothing."""
    launch()
    torch.cuda.synchronize()
    return _launch(launch, shape, 0.0, "an empty Triton kernel")


def memory_stream(shape, device, cache_bytes, scratch):
    """Reads `bytes` by summing them, from enough different buffers that none is still in the cache."""

    def buffers():
        return scratch("stream", shape, lambda: _stream_buffers(shape, device, cache_bytes))

    first, number = buffers()[0], len(buffers())
    error = float((first.sum().double() - first.double().sum()).abs() / first.double().abs().sum())
    return Operation(
        lambda turn: next(turn).sum(),
        direct=True,
        prepare=lambda _: (cycle(buffers()),),
        launches=number,
        checked_error=error,
        details={"call": "Tensor.sum", "buffers": number},
    )


def _stream_buffers(shape, device, cache_bytes):
    count = max(1, shape["bytes"] // 4)
    number = min(256, max(1, -(-4 * cache_bytes // (4 * count))))
    return [unit_floats(hash_words(i * count, count, HOST_SEED, device)) for i in range(number)]
