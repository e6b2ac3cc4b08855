"""A page is put together once, when it is compiled: layout, parts and macros stand in it by then.

    {% extends "layout/narrow.html" %}   the layout, with the blocks of the page in their places
    {% include "login/asking.html" %}    the text of the file
    {{ field(form.username) }}           the text of the macro, with what it was given in its variables

Jinja would run the layout, and every file that macros come from, whenever a page is shown: half of what
a page cost. What is not known yet stays as it is: `{% include factor.template %}`. The page says the
same: a variable of a macro gets a name that nobody else has, and what could mean another thing here
than in a macro that is called is refused when the page is compiled.

An error in a page names the page, and the line of whichever file it comes from.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any, NoReturn

from jinja2 import TemplateAssertionError, nodes

Parse = Callable[[str], nodes.Template]
"""Returns the template of a path."""
Body = list[nodes.Node]
Meaning = Mapping[str, str | nodes.Expr]
"""What is written for a name: another name, or a value that is known."""
MAKING = (nodes.Extends, nodes.FromImport, nodes.Macro)
SETTING = (nodes.Assign, nodes.AssignBlock)
CALLER, EXCESS, LOOP, SELF = "caller", "kwargs", "loop", "self"


@dataclass(frozen=True)
class _Macro:
    """A macro, and the macros that its own file knows by their names."""

    node: nodes.Macro
    macros: Mapping[str, "_Macro"]


@dataclass(frozen=True)
class _Place:
    """Where statements come from: the macros that are known there, and what `caller()` stands for."""

    macros: Mapping[str, _Macro]
    caller: Body | None = None


def linked(template: nodes.Template, parse: Parse) -> nodes.Template:
    """Return a template with everything in it that it is made of."""
    return nodes.Template(_Page(template, cache(parse), count(1)).body(), lineno=1)


class _Page:
    """A template and the layouts that it extends, the last one the outermost."""

    def __init__(self, template: nodes.Template, parse: Parse, numbers: Iterator[int]) -> None:
        self._parse = parse
        self._numbers = numbers
        self._files = [template]
        while (extends := self._files[-1].find(nodes.Extends)) is not None:
            self._files.append(parse(_path(extends)))
        self._macros = _macros(self._files, parse)
        self._blocks: dict[str, nodes.Block] = {}
        for file in self._files:
            for block in file.find_all(nodes.Block):
                self._blocks.setdefault(block.name, block)
        shown = [one for file in self._files for one in file.body if not _is_beside(one)]
        self._variables = _names(shown, "store", "param")

    def body(self) -> Body:
        """Return the statements of the whole page."""
        *pages, layout = self._files
        beside = [node for page in pages for node in page.body]
        for node in beside:
            if not _is_beside(node) and not isinstance(node, nodes.Block | nodes.Output):
                _refuse(node, "a page sets variables and fills blocks, and nothing else")
        # The page first, then its layouts: what it sets is there in all of them.
        done = [node for node in beside if isinstance(node, SETTING)]
        whole = [node for node in layout.body if not isinstance(node, MAKING)]
        return self._statements([*done, *whole], _Place(self._macros))

    def _statements(self, body: Iterable[nodes.Node], place: _Place) -> Body:
        done: Body = []
        for node in body:
            for one in self._statement(node, place):
                if isinstance(one, nodes.Output) and done and isinstance(done[-1], nodes.Output):
                    # Jinja joins the constants of one output, and of no more.
                    done[-1] = nodes.Output([*done[-1].nodes, *one.nodes], lineno=done[-1].lineno)
                else:
                    done.append(one)
        return done

    def _statement(self, node: nodes.Node, place: _Place) -> Body:
        match node:
            case nodes.Output():
                return [one for child in node.nodes for one in self._output(child, place)]
            case nodes.Block():
                return self._block(node.name)
            case nodes.Include(template=nodes.Const()):
                part = _Page(self._parse(_path(node)), self._parse, self._numbers)
                return _scope(part.body())
            case nodes.CallBlock(call=nodes.Call(node=nodes.Name(name=name))) if (
                name in place.macros
            ):
                return self._call(
                    place.macros[name], node.call, place, self._statements(node.body, place)
                )
            case nodes.If():
                return self._if(node, place)
            case nodes.For(iter=nodes.Const(value=values)) if _is_plain(node):
                return self._for(node, values, place)
        return [self._other(node, place)]

    def _other(self, node: nodes.Node, place: _Place) -> nodes.Node:
        """Return any other statement, with the statements in it linked."""
        values = []
        for field in node.fields:
            value = getattr(node, field)
            if field in ("body", "else_"):
                value = self._statements(value, place)
            elif isinstance(value, nodes.Expr):
                _refuse_macros(value, place)
            values.append(value)
        return type(node)(*values, lineno=node.lineno, environment=node.environment)

    def _output(self, child: nodes.Expr, place: _Place) -> Body:
        match child:
            case nodes.Call(node=nodes.Name(name=name)) if name in place.macros:
                return self._call(place.macros[name], child, place)
            case nodes.Call(node=nodes.Name(name=name)) if (
                name == CALLER and place.caller is not None
            ):
                return _scope(place.caller)
            case nodes.Call(node=nodes.Getattr(node=nodes.Name(name=name), attr=block)) if (
                name == SELF
            ):
                return self._block(block)
        _refuse_macros(child, place)
        return [nodes.Output([child], lineno=child.lineno)]

    def _block(self, name: str) -> Body:
        body = self._blocks[name].body
        if "super" in _names(body, "load"):
            _refuse(self._blocks[name], "a block cannot show what it stands for")
        return _scope(self._statements(body, _Place(self._macros)))

    def _if(self, node: nodes.If, place: _Place) -> Body:
        """Leave out the branches that are never taken."""
        open_, otherwise = [], node.else_
        for branch in (node, *node.elif_):
            is_taken = _truth(branch.test)
            if is_taken:
                otherwise = branch.body
                break
            if is_taken is None:
                _refuse_macros(branch.test, place)
                body = self._statements(branch.body, place)
                open_.append(nodes.If(branch.test, body, [], [], lineno=branch.lineno))
        else_ = self._statements(otherwise, place)
        if not open_:
            return else_
        first, *others = open_
        return [nodes.If(first.test, first.body, others, else_, lineno=first.lineno)]

    def _for(self, node: nodes.For, values: Iterable[Any], place: _Place) -> Body:
        """Write a loop over values that are known as often as it would run."""
        done: Body = []
        is_one = isinstance(node.target, nodes.Name)
        names = [name.name for name in nodes.Output([node.target]).find_all(nodes.Name)]
        for value in values:
            meaning = {
                name: nodes.Const(part, environment=node.environment)
                for name, part in zip(names, [value] if is_one else value, strict=True)
            }
            done += _scope(self._statements(_written(node.body, meaning), place))
        return done

    def _call(
        self, macro: _Macro, call: nodes.Call, place: _Place, caller: Body | None = None
    ) -> Body:
        """Write the text of a macro where it is called."""
        known: dict[str, nodes.Expr] = {}
        beside: Body = []
        meaning: dict[str, str | nodes.Expr] = {
            name: f"{name}_{next(self._numbers)}"
            for name in sorted(_names([*macro.node.args, *macro.node.body], "store", "param"))
        }
        assigned = _names(macro.node.body, "store", "param")
        for name, value in self._arguments(call, macro.node).items():
            _refuse_macros(value, place)
            if name == EXCESS or (name not in assigned and _truth(value) is not None):
                known[name] = value
            else:
                target = nodes.Name(meaning[name], "store")
                beside.append(nodes.Assign(target, value, lineno=call.lineno))
        free = _names(macro.node.body, "load") - meaning.keys() - macro.macros.keys()
        if free & self._variables - {CALLER, EXCESS}:
            _refuse(call, f"the macro would see variables of this page: {sorted(free)}")
        if any(CALLER in _names([loop], "load") for loop in macro.node.find_all(nodes.For)):
            _refuse(macro.node, "what calls a macro has a loop of its own")
        body = _written(macro.node.body, meaning | known)
        return _scope([*beside, *self._statements(body, _Place(macro.macros, caller))])

    def _arguments(self, call: nodes.Call, macro: nodes.Macro) -> dict[str, nodes.Expr]:
        """Return what each variable of a macro gets, in the order in which Python would ask."""
        names = [argument.name for argument in macro.args]
        given = dict(zip(names, call.args, strict=False))
        excess = []
        for one in call.kwargs:
            if one.key in names:
                given[one.key] = one.value
            else:
                key = nodes.Const(one.key, environment=call.environment)
                excess.append(nodes.Pair(key, one.value))
        defaults = dict(zip(reversed(names), reversed(macro.defaults), strict=False))
        missing = names - given.keys() - defaults.keys()
        takes_more = EXCESS in _names(macro.body, "load")
        is_odd = call.dyn_args or call.dyn_kwargs or len(call.args) > len(names)
        if missing or is_odd or (excess and not takes_more):
            _refuse(call, f"the macro {macro.name!r} takes {names}")
        if takes_more:
            given[EXCESS] = nodes.Dict(excess, environment=call.environment)
        return defaults | given


def _macros(files: Iterable[nodes.Template], parse: Parse) -> dict[str, _Macro]:
    """Return the macros that files make or import, by the names that they have there."""
    found: dict[str, _Macro] = {}
    for file in files:
        for node in file.body:
            made: dict[str, _Macro] = {}
            if isinstance(node, nodes.Macro):
                made[node.name] = _Macro(node, found)
            elif isinstance(node, nodes.FromImport):
                if not node.with_context:
                    _refuse(node, "macros are imported with context")
                theirs = _macros([parse(_path(node))], parse)
                for name in node.names:
                    name, alias = name if isinstance(name, tuple) else (name, name)
                    made[alias] = theirs[name]
            for name, macro in made.items():
                if found.setdefault(name, macro).node is not macro.node:
                    _refuse(node, f"two macros are called {name!r}")
    return found


def _written(body: Iterable[Any], meaning: Meaning) -> list[Any]:
    """Return statements or expressions again, with something else for some names."""
    return [_write(one, meaning) for one in body]


def _write(node: Any, meaning: Meaning) -> Any:
    if isinstance(node, list):
        return _written(node, meaning)
    if not isinstance(node, nodes.Node):
        return node
    if isinstance(node, nodes.Name) and node.name in meaning:
        written = meaning[node.name]
        return nodes.Name(written, node.ctx) if isinstance(written, str) else written
    values = [_write(getattr(node, field), meaning) for field in node.fields]
    return type(node)(*values, lineno=node.lineno, environment=node.environment)


def _names(body: Iterable[nodes.Node], *contexts: str) -> set[str]:
    """Return the names that are read ("load") or given a value ("store", "param") in `body`."""
    return {
        name.name for name in nodes.Output(list(body)).find_all(nodes.Name) if name.ctx in contexts
    }


def _scope(body: Body) -> Body:
    """Keep what is set in `body` from what follows."""
    return [nodes.Scope(body)] if _names(body, "store") else body


def _is_beside(node: nodes.Node) -> bool:
    """Tell whether a statement shows nothing, and may stand beside the blocks of a page."""
    return isinstance(node, (*MAKING, *SETTING))


def _is_plain(loop: nodes.For) -> bool:
    """Tell whether nothing in a loop depends on its being one."""
    targets = _names([loop.target], "store")
    is_changed = bool(targets & _names(loop.body, "store", "param"))
    is_odd = loop.else_ or loop.test or loop.recursive
    return not (is_odd or is_changed or LOOP in _names(loop.body, "load"))


def _truth(test: nodes.Node) -> bool | None:
    """Return what a test comes to, `None` when that is not known yet."""
    try:
        return bool(test.as_const()) if isinstance(test, nodes.Expr) else None
    except nodes.Impossible:
        return None


def _refuse_macros(value: nodes.Node, place: _Place) -> None:
    """A macro in a value could not be written out: its text is no value."""
    called = _names([value], "load") & place.macros.keys()
    if called:
        _refuse(value, f"call the macro where its text stands: {sorted(called)}")


def _path(node: nodes.Extends | nodes.Include | nodes.FromImport) -> str:
    if not isinstance(node.template, nodes.Const):
        _refuse(node, "a layout and the file of a macro are known")
    return str(node.template.value)


def _refuse(node: nodes.Node, reason: str) -> NoReturn:
    raise TemplateAssertionError(reason, node.lineno or 0)
