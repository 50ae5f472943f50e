"""Answers the request for a training step: builds it, checks it, times it by each path."""

import gc

import torch

from .failures import Failure, out_of_memory, bytes_asked
from .training_step import TrainingStep
from .training_timing import paths_of, time_step

# Table updates agree with sums in float64 up to the rounding of narrow rows and of sums in fp32.
TOLERANCE = 1e-2


def measure_step(job, device, exchange=None):
    """
    For each of job["paths"] the seconds of every repeat and of each part, or why there are none; with the error of the
    table update, the memory that was used and what was run.
    """
    known = paths_of[device.type]
    answers = {}
    result = {"paths": answers}
    step = None
    try:
        for path in job["paths"]:
            if path not in known:
                answers[path] = {"failure": f"no path {path} on this device: there are {', '.join(known)}"}
        step = TrainingStep(job, device, exchange)
        error = step.checked_error()
        if not error <= TOLERANCE:
            raise Failure("request", f"a wrong step has no time: its error is {error:.2g}")
        result["error"] = error
        result["update"] = "triton" if all(stack.kernel for stack in step.stacks) else "torch"
        result["lookups"] = sum(stack.lookups for stack in step.stacks)
        result["parameters"] = sum(each.numel() for each in step.parameters)
        for path in [each for each in job["paths"] if each in known]:
            answers[path] = _timed(step, path)
        if device.type == "cuda":
            result["memoryBytes"] = torch.cuda.max_memory_allocated(device)
        return result
    except torch.cuda.OutOfMemoryError as error:
        raise out_of_memory(bytes_asked(str(error)), torch.cuda.mem_get_info(device)[0]) from None
    finally:
        del step
        gc.collect()
        if device.type == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(device)


def _timed(step, path):
    try:
        return time_step(step, path)
    except torch.cuda.OutOfMemoryError:
        raise
    except Exception as error:
        if step.device.type == "cuda":
            torch.cuda.synchronize()
        return {"failure": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"}
