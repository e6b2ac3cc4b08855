"""What a template says in the same way every time is written into it when it is compiled.

`{{ _("Log in") }}`, `{{ path('site.home') }}`, `{{ static('css/layout.css') }}` and `{{ site_name }}`
are most of what a page asks for: in the templates of one language they are text, which Jinja joins to
the text around it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from jinja2 import BaseLoader, Environment, TemplateAssertionError, meta, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer

from warehouse_mfa.http.linking import linked


@dataclass(frozen=True)
class Known:
    """What is the same every time, in one language."""

    functions: Mapping[str, Callable[..., str | None]]
    """By name; what answers `None` stays a call, for a part of the page that may never be printed."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """By the name of a variable, which no template gives to one of its own."""


class _Folding(NodeTransformer):
    """Puts values in the places of calls with constants, and of variables."""

    def __init__(self, environment: Environment, known: Known) -> None:
        self._environment = environment
        self._known = known

    def visit_Name(self, name: nodes.Name) -> nodes.Node:  # noqa: N802 - Jinja finds it by its name
        if name.name not in self._known.values:
            return name
        if name.ctx != "load":
            raise TemplateAssertionError(f"{name.name!r} is known in every page", name.lineno)
        return self._constant(self._known.values[name.name], name)

    def visit_Call(self, call: nodes.Call) -> nodes.Node:  # noqa: N802
        self.generic_visit(call)
        function = call.node
        if not isinstance(function, nodes.Name) or function.name not in self._known.functions:
            return call
        if len(call.args) != 1 or call.dyn_args or call.dyn_kwargs:
            return call
        try:
            (text,) = (argument.as_const() for argument in call.args)
            values = {one.key: one.value.as_const() for one in call.kwargs}
        except nodes.Impossible:
            return call
        value = self._known.functions[function.name](text, **values)
        return call if value is None else self._constant(value, call)

    def _constant(self, value: Any, node: nodes.Node) -> nodes.Node:
        constant: nodes.Expr = nodes.Const(value, lineno=node.lineno)
        if hasattr(value, "__html__"):
            constant = nodes.MarkSafe(nodes.Const(str(value)), lineno=node.lineno)
        return constant.set_environment(self._environment)


class _Generator(CodeGenerator):
    """Compiles a template when what is known has been written into it, and all that it is made of."""

    def __init__(self, known: Known, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._folding = _Folding(self.environment, known)

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        page = linked(self._folding.visit(node), self._parse)
        # Once more: what a macro is given may be known only now.
        super().visit_Template(self._folding.visit(page), frame)

    def _parse(self, path: str) -> nodes.Template:
        source, file, _is_current = _loader_of(self.environment).get_source(self.environment, path)
        return self._folding.visit(self.environment.parse(source, path, file))


def folding(environment: Environment, known: Known) -> Environment:
    """Return an environment whose templates hold what is known, and all that they are made of.

    It compiles its own templates and shares the rest with `environment`.
    """
    overlay = environment.overlay(loader=_Loader(_loader_of(environment)))
    overlay.code_generator_class = partial(_Generator, known)  # type: ignore[assignment]
    # Jinja would look them up through a chain of maps, for every page.
    overlay.make_globals = lambda d: {**overlay.globals, **(d or {})}  # type: ignore[method-assign]
    return overlay


class _Loader(BaseLoader):
    """Finds templates, and tells that one is old when anything that it is made of is.

    That is asked in development only: `jinja2.auto_reload`.
    """

    def __init__(self, loader: BaseLoader) -> None:
        self._loader = loader

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        source, file, is_current = self._loader.get_source(environment, template)
        if not environment.auto_reload:
            return source, file, None
        parts = meta.find_referenced_templates(environment.parse(source))
        of_parts = [self.get_source(environment, part)[2] for part in parts if part is not None]
        return source, file, lambda: all(ask() for ask in (is_current, *of_parts) if ask)


def _loader_of(environment: Environment) -> BaseLoader:
    if environment.loader is None:
        raise TypeError("templates come from nowhere")
    return environment.loader
