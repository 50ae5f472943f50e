"""Tensors of the operators that kernels are searched for: functions of (element of the data type, shape)."""

from .failures import Failure


def event_totals(s):
    """Events of all samples, which have 0 … events of them evenly spread, and those of them that stay."""
    own = [s["events"] * (sample + 1) // s["batch"] for sample in range(s["batch"])]
    return sum(own), sum(min(each, s["kept"]) for each in own)


def _jagged_to_padded(e, s):
    return [
        ("values", "input", e, (s["batch"] * s["length"], s["dim"])),
        ("offsets", "input", "i32", (s["batch"] + 1,)),
        ("out", "output", e, (s["batch"], s["padded"], s["dim"])),
    ]


def _map_id(e, s):
    return [
        ("values", "input", e, (s["values"],)),
        ("table", "input", e, (s["ids"],)),
        ("out", "output", "i32", (s["values"],)),
    ]


def _merge_bucketised(_, s):
    return [
        ("x", "input", "f32", (s["features"], s["batch"])),
        ("borders", "input", "f32", (s["features"], s["borders"])),
        ("firstBuckets", "input", "i32", (s["features"],)),
        ("out", "output", "i32", (s["features"], s["batch"])),
    ]


def _event_truncate(e, s):
    events, kept = event_totals(s)
    features, length = s["features"], s["length"]
    return [
        ("outerLengths", "input", "i32", (s["batch"],)),
        ("innerLengths", "input", "i32", (features, events)),
        ("values", "input", e, (features, events * length)),
        ("keptOuterLengths", "output", "i32", (s["batch"],)),
        ("keptInnerLengths", "output", "i32", (features, kept)),
        ("keptValues", "output", e, (features, kept * length)),
    ]


def _optimised_fm(e, s):
    wide = (s["batch"], s["vectors"], s["rank"])
    return [
        ("x", "input", e, (s["batch"], s["vectors"], s["dim"])),
        ("y", "input", e, wide),
        ("out", "output", e, wide),
    ]


def _pffn(e, s):
    if s["gelu"] not in (0, 1):
        raise Failure("request", f"pffn: gelu is {s['gelu']}, neither 0 nor 1")
    batch, length, dim, width = s["batch"], s["length"], s["dim"], s["width"]
    return [
        ("x", "input", e, (batch, length, dim)),
        ("w", "input", e, (batch, dim, width)),
        ("bias", "input", e, (batch, width)),
        ("gain", "input", e, (width,)),
        ("out", "output", e, (batch, length, width)),
    ]


def _conv1d(e, s):
    return [
        ("x", "input", e, (s["batch"], s["inChannels"], s["length"])),
        ("w", "input", e, (s["outChannels"], s["inChannels"], s["taps"])),
        ("bias", "input", e, (s["outChannels"],)),
        ("out", "output", e, (s["batch"], s["outChannels"], s["length"])),
    ]


def _rms_norm_backward(e, s):
    rows, n = (s["rows"], s["n"]), (s["n"],)
    return [
        ("x", "input", e, rows),
        ("gain", "input", e, n),
        ("dy", "input", e, rows),
        ("dx", "output", e, rows),
        ("dgain", "output", e, n),
    ]


def _softmax(e, s):
    rows = (s["rows"], s["n"])
    return [("x", "input", e, rows), ("out", "output", e, rows)]


def _swiglu(e, s):
    rows = (s["rows"], s["n"])
    return [("a", "input", e, rows), ("b", "input", e, rows), ("out", "output", e, rows)]


def _cross_entropy(e, s):
    return [
        ("logits", "input", e, (s["rows"], s["classes"])),
        ("targets", "input", "i32", (s["rows"],)),
        ("loss", "output", "f32", (s["rows"],)),
    ]


def _top_k(e, s):
    if s["k"] > s["n"]:
        raise Failure("request", f"top-k: k is {s['k']}, but a row has n = {s['n']} elements")
    best = (s["rows"], s["k"])
    return [
        ("x", "input", e, (s["rows"], s["n"])),
        ("values", "output", e, best),
        ("indices", "output", "i32", best),
    ]


tables = {
    "jagged-to-padded": _jagged_to_padded,
    "map-id": _map_id,
    "merge-bucketised": _merge_bucketised,
    "event-truncate": _event_truncate,
    "optimised-fm": _optimised_fm,
    "pffn": _pffn,
    "conv1d": _conv1d,
    "rms-norm-backward": _rms_norm_backward,
    "softmax": _softmax,
    "swiglu": _swiglu,
    "cross-entropy": _cross_entropy,
    "top-k": _top_k,
}
