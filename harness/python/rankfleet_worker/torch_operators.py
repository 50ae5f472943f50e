"""Which operators PyTorch has on a device, by which implementations, and what they hold between calls."""

import os

import torch

from . import torch_attention, torch_data, torch_dense, torch_embedding, torch_host, torch_ids, torch_searched
from .collectives import Collectives
from .failures import unsupported

_floats = ("fp32", "bf16", "fp16")

_makers = {
    "embedding-bag": torch_embedding.embedding_bag,
    "embedding-bag-backward": torch_embedding.embedding_bag_backward,
    "gemm": torch_dense.gemm,
    "bias-activation": torch_dense.bias_activation,
    "elementwise": torch_dense.elementwise,
    "dot-interaction": torch_dense.dot_interaction,
    "cross-low-rank": torch_dense.cross_low_rank,
    "factorisation-machine": torch_dense.factorisation_machine,
    "layer-norm": torch_dense.layer_norm,
    "rms-norm": torch_dense.rms_norm,
    "attention": torch_attention.attention,
    "concat": torch_data.concat,
    "split": torch_data.split,
    "quantise": torch_data.quantise,
    "dequantise": torch_data.dequantise,
    "bucketise": torch_data.bucketise,
    "hash": torch_data.hash_ids,
    "jagged-to-padded": torch_ids.jagged_to_padded,
    "map-id": torch_ids.map_id,
    "merge-bucketised": torch_ids.merge_bucketised,
    "event-truncate": torch_ids.event_truncate,
    "optimised-fm": torch_searched.optimised_fm,
    "pffn": torch_searched.pffn,
    "conv1d": torch_searched.conv1d,
    "rms-norm-backward": torch_searched.rms_norm_backward,
    "softmax": torch_searched.softmax,
    "swiglu": torch_searched.swiglu,
    "cross-entropy": torch_searched.cross_entropy,
    "top-k": torch_searched.top_k,
}

# What is compiled instead: code without calls that a compiler cannot see into, or that ask the device for sizes.
_for_compiler = {
    "jagged-to-padded": torch_ids.jagged_to_padded_by_index,
    "event-truncate": torch_ids.event_truncate_at_once,
    "rms-norm-backward": torch_searched.rms_norm_backward_written_out,
}

# Other ways that users have, by the names of these implementations.
_others = {
    "merge-bucketised": {"torch-at-once": torch_ids.merge_bucketised_at_once},
    "event-truncate": {"torch-at-once": torch_ids.event_truncate_at_once},
    "optimised-fm": {"torch-reassociated": torch_searched.optimised_fm_reassociated},
    "conv1d": {"torch-conv2d": torch_searched.conv1d_as_conv2d},
}

_data_types = {
    "embedding-bag": ("fp32", "fp16", "int8", "int4"),
    "embedding-bag-backward": ("fp32", "fp16"),
    "gemm": ("fp32", "tf32", "bf16", "fp16", "fp8", "int8"),
    "cross-low-rank": ("fp32", "tf32", "bf16", "fp16", "int8"),
    "concat": (*_floats, "int8"),
    "split": (*_floats, "int8"),
    "quantise": ("int8", "int4"),
    "dequantise": ("int8", "int4"),
    "bucketise": ("fp32",),
    "hash": ("int32",),
    "map-id": ("int32", "fp32"),
    "merge-bucketised": ("fp32",),
    "event-truncate": ("int32", "fp32"),
    "optimised-fm": (*_floats, "tf32"),
    "pffn": (*_floats, "tf32"),
    "conv1d": (*_floats, "tf32"),
}

# Library calls, which compiling does not better.
_library = ("gemm", "attention", "concat", "split", "bucketise", "conv1d", "top-k")
_uncompiled = ("embedding-bag-backward",)
_host = ("copy-to-device", "copy-from-device", "kernel-launch", "memory-stream")
_collective = ("all-to-all", "all-reduce")


class TorchOperators:
    def __init__(self, device, cache_bytes):
        self.device = device
        self.cache_bytes = cache_bytes
        self.triton = _triton_operators(device)
        self.collectives = Collectives(device.type)
        self._scratch = (None, None)

    def versions(self):
        found = {}
        if self.triton:
            import triton

            found["triton"] = triton.__version__
        if self.device.type == "cuda":
            if torch.backends.cudnn.is_available():
                found["cudnn"] = str(torch.backends.cudnn.version())
            if self.collectives.available():
                found["nccl"] = ".".join(str(part) for part in torch.cuda.nccl.version())
        return found

    def implementations(self):
        """Names by operator and data type, best first."""
        table = {
            operator: {
                data_type: self._names(operator, data_type)
                for data_type in _data_types.get(operator, _floats)
                if self._has(data_type)
            }
            for operator in _makers
        }
        table["attention-jagged"] = {
            data_type: torch_attention.jagged_implementations(data_type, self.device)
            for data_type in _floats
            if self._has(data_type)
        }
        # Models of problem files, whatever they compute.
        table["problem"] = {
            data_type: ["torch-compile", "torch-eager"] for data_type in _floats if self._has(data_type)
        }
        if self.device.type == "cuda":
            for operator in _host:
                table[operator] = {"bytes": ["torch-eager"]}
            if self.triton:
                table["kernel-launch"]["bytes"].insert(0, "triton")
        names = self.collectives.implementations()
        if names:
            table.update({operator: {"fp32": names} for operator in _collective})
        return table

    def _names(self, operator, data_type):
        ours = ["triton"] if self.triton and data_type in self.triton.data_types.get(operator, ()) else []
        one_call = operator == "embedding-bag" and self.device.type == "cpu" and data_type in ("int8", "int4")
        if operator in _uncompiled or one_call:
            return [*ours, "torch-eager"]
        theirs = ["torch-eager", "torch-compile"]
        others = _others.get(operator, {})
        return [*ours, *(theirs if operator in _library else theirs[::-1]), *others]

    def _has(self, data_type):
        """Whether the device has this arithmetic at all."""
        if data_type not in ("tf32", "fp8", "bf16"):
            return True
        if self.device.type == "cpu":
            return data_type == "bf16"
        if torch.version.hip:
            return data_type == "bf16"
        capability = torch.cuda.get_device_capability(self.device)
        return capability >= ((8, 9) if data_type == "fp8" else (8, 0))

    def make(self, operator, data_type, shape, implementation):
        if operator == "attention-jagged":
            return torch_attention.attention_jagged(implementation, shape)
        if operator in _host:
            return self._make_host(operator, shape, implementation)
        if implementation == "triton":
            return self.triton.make(operator, data_type, shape)
        if implementation != "torch-compile":
            make = _others.get(operator, {}).get(implementation, _makers[operator])
            return make(data_type, shape, self.device)
        operation = _for_compiler.get(operator, _makers[operator])(data_type, shape, self.device)
        operation.core = _compiled(operation.core)
        return operation

    def _make_host(self, operator, shape, implementation):
        if operator == "copy-to-device":
            return torch_host.copy_to_device(shape, self.scratch)
        if operator == "copy-from-device":
            return torch_host.copy_from_device(shape, self.scratch)
        if operator == "memory-stream":
            if shape["busy"] != 0:
                raise unsupported("busy cores are for the CPU: an accelerator has 0")
            return torch_host.memory_stream(shape, self.device, self.cache_bytes, self.scratch)
        if implementation == "triton":
            return torch_host.empty_launch(shape, self.triton.launch_nothing)
        return torch_host.kernel_launch(shape, self.device)

    def scratch(self, what, shape, make):
        """Large memory that a kernel keeps between calls. Only that of the last one asked for is remembered here."""
        key = (what, tuple(sorted(shape.items())))
        if self._scratch[0] != key:
            self._scratch = (None, None)
            self._scratch = (key, make())
        return self._scratch[1]

    def is_collective(self, operator):
        return operator in _collective

    def collective(self, program):
        return self.collectives.build(program)

    def close(self):
        self.collectives.close()


def _compiled(core):
    """Each shape is compiled by itself; none is refused because there were many before."""
    import torch._dynamo.config as limits

    for limit in ("recompile_limit", "cache_size_limit", "accumulated_recompile_limit", "accumulated_cache_size_limit"):
        if hasattr(limits, limit):
            setattr(limits, limit, 1 << 20)
    return torch.compile(core, dynamic=False, fullgraph=True)


def _triton_operators(device):
    """Our Triton kernels, where Triton is there and can run them."""
    if device.type != "cuda" and os.environ.get("TRITON_INTERPRET") != "1":
        return None
    try:
        from . import triton_operators

        return triton_operators
    except ImportError:
        return None
