"""What happens between host and device, and reads of device memory, in PyTorch on CUDA."""

from itertools import cycle

import torch

from .torch_fill import fill, hash_words, unit_floats
from .torch_operation import Operation

HOST_SEED = 1
LAUNCHES_IN_A_ROW = 500


def copy_to_device(shape, scratch):
    host = scratch("host words", shape, lambda: _host_words(shape))
    pinned = bool(shape["pinned"])

    def core(data):
        data.copy_(host, non_blocking=pinned)
        return ()

    return _copy(core, pinned)


def copy_from_device(shape, scratch):
    host = scratch("host words", shape, lambda: _host_words(shape))
    pinned = bool(shape["pinned"])

    def core(data, echo):
        host.copy_(data, non_blocking=pinned)
        return ()

    def then_echo(data, echo):
        host.fill_(-1)
        core(data, echo)
        torch.cuda.synchronize()
        echo.copy_(host)
        return ()

    return _copy(core, pinned, then_echo)


def _copy(core, pinned, verify=None):
    kind = "pinned" if pinned else "pageable"
    return Operation(
        core,
        direct=True,
        capturable=False,
        host_paced=not pinned,
        compiles=False,
        verify=verify,
        details={"call": f"Tensor.copy_, {kind} host memory"},
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
        compiles=False,
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
    count = max(1, shape["bytes"] // 4)
    buffers = scratch("stream", shape, lambda: _stream_buffers(count, device, cache_bytes))
    exact, size = buffers[0].double().sum(), buffers[0].double().abs().sum()
    error = float(((buffers[0].sum().double() - exact).abs() / size).item())
    turn = cycle(buffers)
    return Operation(
        lambda: next(turn).sum(), direct=True, compiles=False, checked_error=error, details={"call": "Tensor.sum"}
    )


def _stream_buffers(count, device, cache_bytes):
    number = min(64, max(1, -(-4 * cache_bytes // (4 * count))))
    return [unit_floats(hash_words(i * count, count, HOST_SEED, device)) for i in range(number)]
