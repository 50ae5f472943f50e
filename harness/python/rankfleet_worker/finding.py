"""Looks for what can run kernels: CUDA devices of PyTorch, then the CPU by PyTorch, NumPy and Python alone."""

import gc
import os
import platform
from collections import namedtuple

from .plain_device import PlainDevice

Found = namedtuple("Found", "name open")


def find_devices():
    """Devices, best first, and a line for each thing that was looked for."""
    _keep_multicast_off()
    devices, looked = [], []
    for look in (_look_for_torch, _look_for_numpy):
        found, lines = look()
        devices += found
        looked += lines
    devices.append(Found("CPU by Python alone", PlainDevice))
    # What is imported stays: looking through it for garbage takes long, and capturing a graph does that.
    gc.freeze()
    return devices, looked


def _keep_multicast_off():
    """NVLink multicast stays off unless the user says otherwise: shared hosts suffer from it."""
    os.environ.setdefault("NCCL_NVLS_ENABLE", "0")
    os.environ.setdefault("TORCH_SYMM_MEM_DISABLE_MULTICAST", "1")
    os.environ.setdefault("NVSHMEM_DISABLE_NVLS", "1")
    # Compiled in this process: a pool of compiling processes could outlive it.
    os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")


def _look_for_torch():
    try:
        import torch
    except Exception as error:
        return [], [f"torch: {_first_line(error)}"]
    from .torch_device import TorchDevice

    looked = [f"torch {torch.__version__}"]
    devices = []
    try:
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        for index in range(count):
            name = f"{torch.cuda.get_device_name(index)} by torch (cuda:{index})"
            devices.append(Found(name, lambda index=index: TorchDevice("cuda", index)))
        looked.append(f"torch.cuda: {count} device{'' if count == 1 else 's'}")
    except Exception as error:
        looked.append(f"torch.cuda: {_first_line(error)}")
    devices.append(Found("CPU by torch", lambda: TorchDevice("cpu", 0)))
    try:
        import triton

        looked.append(f"triton {triton.__version__}")
        if os.environ.get("TRITON_INTERPRET") == "1":
            from .torch_interpreter import InterpreterDevice

            devices.append(Found("CPU by Triton's interpreter", InterpreterDevice))
    except Exception as error:
        looked.append(f"triton: {_first_line(error)}")
    return devices, looked


def _look_for_numpy():
    # One core, as the rest of NumPy: its arithmetic outside matrix products has no threads.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        import numpy
    except Exception as error:
        return [], [f"numpy: {_first_line(error)}"]
    from .numpy_device import NumpyDevice

    return [Found("CPU by numpy", NumpyDevice)], [f"numpy {numpy.__version__} (Python {platform.python_version()})"]


def _first_line(error):
    return (str(error) or type(error).__name__).splitlines()[0]
