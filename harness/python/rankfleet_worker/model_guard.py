"""Looks through a source with `class ModelNew(nn.Module)`, as KernelBench has solutions, before it is loaded."""

import ast

from .failures import Failure
from .source_guard import Guard, allowed_by_torch, hidden

# What a constructor may make weights of; forward runs with PyTorch's operators watched.
_making = {
    *("randn", "rand", "randint", "randperm", "ones", "full", "tensor", "arange", "eye", "linspace", "Generator"),
    *("ones_like", "rand_like", "randn_like", "full_like", "nn.Parameter"),
}

# Of PyTorch, what no source may use even where it may compute by PyTorch: other streams, compilers, files, settings.
_never = (
    *("cuda", "utils", "ops", "multiprocessing", "distributed", "backends", "compile", "jit", "load", "save", "hub"),
    *("library", "overrides", "func", "fx", "package", "profiler", "mps", "xpu", "accelerator", "classes", "export"),
)

_allowed = {
    **allowed_by_torch,
    "torch": allowed_by_torch["torch"] | {"cuda.device", "nn.Module", "nn.Parameter", "no_grad", "inference_mode"},
    "torch.nn": None,
    "torch.nn.functional": None,
    "typing": None,
    "__future__": None,
}


def is_model(text):
    """Whether a source is written as a model; what is no Python is told of later."""
    try:
        return any(isinstance(each, ast.ClassDef) and each.name == "ModelNew" for each in ast.parse(text).body)
    except SyntaxError:
        return False


def guard_model(text, data_type, allows_torch):
    """Raises as `guard` does. With `allows_torch` a model may compute by PyTorch, and need have no kernel."""
    tree = ast.parse(text)
    _ModelGuard(data_type, allows_torch).visit(tree)
    if not allows_torch and not _launches_kernel(tree):
        raise Failure("cheat", "the source launches no kernel of its own (@triton.jit)", rule="no kernel")


class _ModelGuard(Guard):
    def __init__(self, data_type, allows_torch):
        super().__init__(data_type, _allowed)
        self.allows_torch = allows_torch
        # The function that is looked at, and names of its arguments.
        self.function = None
        self.arguments = set()
        self.in_class = False

    def visit_ClassDef(self, node):
        paths = [self._path_of(base) for base in node.bases]
        if node.decorator_list or node.keywords or self.in_class or paths != ["torch.nn.Module"]:
            self.refuse(node, "classes", f"defines {node.name}, which is no plain class of nn.Module")
        self.in_class = True
        for each in node.body:
            is_text = isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
            if not isinstance(each, ast.FunctionDef) and not is_text:
                self.refuse(each, "state", f"keeps something in the class {node.name}")
            self.visit(each)
        self.in_class = False

    def visit_FunctionDef(self, node):
        if node.name.startswith("__") and not (self.in_class and node.name == "__init__"):
            self.refuse(node, "introspection", f"defines {node.name}")
        outer = self.function, self.arguments
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        self.function, self.arguments = node.name, {each.arg for each in every if each}
        super().visit_FunctionDef(node)
        self.function, self.arguments = outer

    def visit_Name(self, node):
        if node.id in self.arguments and node.id in hidden:
            return
        if node.id == "super" and self.function == "__init__":
            return
        super().visit_Name(node)

    def visit_Attribute(self, node):
        is_making = self.in_class and self.function == "__init__"
        if node.attr == "__init__" and is_making and _calls_super(node.value):
            return
        if is_making and isinstance(node.ctx, ast.Store) and _is_self(node.value):
            return
        if node.attr == "contiguous" and not self._path_of(node):
            # Of what lies in a row already it does nothing; else it is seen when it copies.
            self.visit(node.value)
            return
        super().visit_Attribute(node)

    def _check_path(self, node, path):
        if not path.startswith("torch."):
            super()._check_path(node, path)
            return
        name = path.removeprefix("torch.")
        if name in self.allowed["torch"] or name in ("nn", "nn.functional"):
            self._check_type(node, name)
            return
        first = name.split(".")[0]
        if first in _never or first.startswith(("_", "set_", "use_")):
            self.refuse(node, "imports", f"uses {path}")
        is_making = self.in_class and self.function == "__init__"
        makes = name in _making or (name.startswith("nn.") and not name.startswith("nn.functional"))
        if not (is_making and makes):
            self.refuse(node, "vendor operator", f"uses {path}")

    def refuse(self, node, rule, says):
        if rule == "vendor operator" and self.allows_torch:
            return
        super().refuse(node, rule, says)


def _is_self(node):
    return isinstance(node, ast.Name) and node.id == "self"


def _calls_super(node):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def _launches_kernel(tree):
    """Whether a function of Triton is called with a grid: `kernel[grid](…)`."""
    jitted = {
        each.name
        for each in ast.walk(tree)
        if isinstance(each, ast.FunctionDef)
        for decorator in each.decorator_list
        if ast.unparse(decorator).split(".")[-1] == "jit"
    }
    return any(
        isinstance(each, ast.Call)
        and isinstance(each.func, ast.Subscript)
        and isinstance(each.func.value, ast.Name)
        and each.func.value.id in jitted
        for each in ast.walk(tree)
    )
