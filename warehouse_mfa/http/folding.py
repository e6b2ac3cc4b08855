"""What a template says in the same way every time is written into it when it is compiled.

`{{ _("Log in") }}`, `{{ path('site.home') }}` and `{{ static('css/layout.css') }}` are most of what a
page calls: in the templates of one language they are text, which Jinja joins to the text around it.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer

Functions = Mapping[str, Callable[[str], str | None]]
"""By name; what answers `None` stays a call, for a part of the page that may never be printed."""


class _Folding(NodeTransformer):
    """Calls functions of one constant, and puts what they return in the place of the call."""

    def __init__(self, environment: Environment, functions: Functions) -> None:
        self._environment = environment
        self._functions = functions

    def visit_Call(self, call: nodes.Call) -> nodes.Node:  # noqa: N802 - Jinja finds it by its name
        self.generic_visit(call)
        function, arguments = call.node, call.args
        if (
            not isinstance(function, nodes.Name)
            or function.name not in self._functions
            or len(arguments) != 1
            or not isinstance(arguments[0], nodes.Const)
            or any((call.kwargs, call.dyn_args, call.dyn_kwargs))
        ):
            return call
        value = self._functions[function.name](arguments[0].value)
        if value is None:
            return call
        constant: nodes.Expr = nodes.Const(str(value), lineno=call.lineno)
        if hasattr(value, "__html__"):
            constant = nodes.MarkSafe(constant, lineno=call.lineno)
        return constant.set_environment(self._environment)


class _FoldingGenerator(CodeGenerator):
    def __init__(self, functions: Functions, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._functions = functions

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        _Folding(self.environment, self._functions).visit(node)
        super().visit_Template(node, frame)


def folding(environment: Environment, functions: Functions) -> Environment:
    """Return an environment whose templates hold what `functions` return for constants.

    It compiles its own templates and shares the rest with `environment`.
    """
    overlay = environment.overlay()
    overlay.code_generator_class = partial(_FoldingGenerator, functions)  # type: ignore[assignment]
    return overlay
