"""Looks through the source of a Python kernel before it is loaded. What no kernel has to do is refused."""

import ast

from .failures import Failure

_torch_names = {
    *("empty", "empty_like", "empty_strided", "zeros", "zeros_like", "Tensor", "dtype", "device", "bool"),
    *("float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "int64", "int32", "int16", "int8", "uint8"),
    *("cuda.get_device_properties", "cuda.current_device", "cuda.get_device_capability"),
}
_triton_names = {"jit", "autotune", "heuristics", "Config", "cdiv", "next_power_of_2"}

# Modules that a source may import, and of each the names that it may use; None: all of them.
_language = ("triton.language", "triton.language.extra", "triton.language.extra.cuda", "triton.language.extra.libdevice")
allowed_by_torch = {"torch": _torch_names, "triton": _triton_names, "math": None, **dict.fromkeys(_language)}
allowed_by_numpy = {"numpy": None, "math": None}

hidden = {
    *("eval", "exec", "compile", "open", "input", "breakpoint", "globals", "locals", "vars", "dir", "getattr"),
    *("setattr", "delattr", "hasattr", "type", "super", "memoryview", "object", "id", "classmethod", "property"),
}

# What tensors can do by themselves, which is to be done by the kernel.
_vendor = {
    *("matmul", "mm", "bmm", "mv", "dot", "addmm", "baddbmm", "addbmm", "einsum", "tensordot", "inner", "outer"),
    *("softmax", "log_softmax", "sigmoid", "tanh", "exp", "log", "sum", "mean", "cumsum", "prod", "norm", "sort"),
    *("argsort", "topk", "gather", "scatter", "scatter_", "scatter_add_", "index_select", "index_add_", "masked_fill"),
    *("copy_", "clone", "contiguous", "to", "cpu", "cuda", "half", "float", "double", "bfloat16", "add", "add_"),
    *("mul", "mul_", "div", "div_", "sub", "sub_", "pow", "relu", "clamp", "where", "set_", "apply_", "register_hook"),
}

_halves = ("float16", "bfloat16", "float8", "fp16", "bf16", "float8e4nv", "float8e5")


def guard(text, data_type, allowed):
    """Raises a failure of kind `cheat` that names the rule and the line, or of kind `compile` for what is no Python."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise Failure("compile", f"line {error.lineno}: {error.msg}", log=str(error)) from None
    Guard(data_type, allowed).visit(tree)
    launches = [each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == "launch"]
    if len(launches) != 1 or len(launches[0].args.args) != 2:
        raise Failure("compile", "the source defines no function launch(tensors, axes)", log="no launch(tensors, axes)")


class Guard(ast.NodeVisitor):
    def __init__(self, data_type, allowed):
        self.allowed = allowed
        self.wants_fp32 = data_type == "fp32"
        self.wants_full = data_type in ("fp32", "tf32")
        # Modules, and names of modules, by what the source calls them.
        self.modules = {}
        self.in_kernel = 0

    def refuse(self, node, rule, says):
        raise Failure("cheat", f"the source {says} (line {node.lineno})", rule=rule)

    def visit_Import(self, node):
        for each in node.names:
            if each.name not in self.allowed:
                self.refuse(node, "imports", f"imports {each.name}")
            bound = each.asname or each.name.split(".")[0]
            self.modules[bound] = each.name if each.asname else bound

    def visit_ImportFrom(self, node):
        for each in node.names:
            path = f"{node.module}.{each.name}"
            if path in self.allowed:
                self.modules[each.asname or each.name] = path
            elif node.level or each.name == "*" or node.module not in self.allowed:
                self.refuse(node, "imports", f"imports {each.name} of {node.module}")
            else:
                self._check_path(node, path)

    def visit_Name(self, node):
        if node.id in hidden or node.id.startswith("__"):
            self.refuse(node, "introspection", f"uses {node.id}")
        if node.id in self.modules:
            self.refuse(node, "introspection", f"passes the module {self.modules[node.id]} around")
        self._check_type(node, node.id)

    def visit_Attribute(self, node):
        if node.attr.startswith("__"):
            self.refuse(node, "introspection", f"uses {node.attr}")
        if isinstance(node.ctx, (ast.Store, ast.Del)):
            self.refuse(node, "patched functions", f"sets {node.attr} of something")
        self._check_type(node, node.attr)
        path = self._path_of(node)
        if path:
            self._check_path(node, path)
            return
        if node.attr in _vendor and not self.in_kernel and "torch" in self.allowed:
            self.refuse(node, "vendor operator", f"computes by .{node.attr}()")
        self.visit(node.value)

    def visit_FunctionDef(self, node):
        decorators = [self._path_of(each.func if isinstance(each, ast.Call) else each) for each in node.decorator_list]
        if any(each is None or not each.startswith("triton.") for each in decorators):
            self.refuse(node, "decorators", "decorates functions")
        for each in node.decorator_list:
            self.visit(each)
        self.visit(node.args)
        is_kernel = "triton.jit" in decorators
        self.in_kernel += is_kernel
        for each in node.body:
            self.visit(each)
        self.in_kernel -= is_kernel

    def visit_BinOp(self, node):
        if isinstance(node.op, ast.MatMult):
            self.refuse(node, "vendor operator", "multiplies by @")
        self.generic_visit(node)

    def visit_Constant(self, node):
        if isinstance(node.value, str):
            if self.wants_fp32 and node.value.lower() == "tf32":
                self.refuse(node, "lower precision", "computes in tf32, where fp32 is asked for")
            self._check_type(node, node.value)

    def visit_keyword(self, node):
        is_on = isinstance(node.value, ast.Constant) and node.value.value
        if node.arg == "allow_tf32" and self.wants_fp32 and is_on:
            self.refuse(node.value, "lower precision", "computes in tf32, where fp32 is asked for")
        self.generic_visit(node)

    def visit_Try(self, node):
        self.refuse(node, "fallback", "catches errors")

    visit_TryStar = visit_Try

    def visit_ClassDef(self, node):
        self.refuse(node, "classes", "defines a class")

    def visit_Global(self, node):
        self.refuse(node, "state", "keeps state between launches")

    visit_Nonlocal = visit_Global

    def visit_AsyncFunctionDef(self, node):
        self.refuse(node, "own threads", "runs beside its caller")

    visit_Await = visit_AsyncFunctionDef

    def _path_of(self, node):
        """`triton.language.dot` of an attribute of a module, however the source calls it."""
        names = []
        while isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self.modules:
            return None
        return ".".join([self.modules[node.id], *reversed(names)])

    def _check_path(self, node, path):
        for module in sorted(self.allowed, key=len, reverse=True):
            if path == module or path.startswith(f"{module}."):
                names = self.allowed[module]
                if path == module or (names is not None and path[len(module) + 1 :] not in names):
                    rule = "vendor operator" if module == "torch" else "imports"
                    self.refuse(node, rule, f"uses {path}")
                return

    def _check_type(self, node, name):
        if self.wants_full and (name in _halves or any(f".{each}" in name for each in ("f16", "bf16"))):
            self.refuse(node, "lower precision", f"computes in {name}, where more is asked for")
