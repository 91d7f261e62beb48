"""Reader of pickles that imports nothing and calls nothing.

Place in the data flow: bytes -> plain objects for `w2v.formats.gensim`. A pickle is a program for a small stack
machine. Its data are returned as dict, list, tuple, str, bytes, int, float, bool and None; what it would import or call
becomes inert `Name` and `Call` objects. Protocols 2 to 5. Source of the opcodes: Lib/pickletools.py of CPython.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from w2v.errors import FormatError
from w2v.formats.vectorfile import check_memory

_MARK = object()
_DEEPEST = 1 << 16  # of the stack; writers push a thousand items at a time
_CHECK_EVERY = 1 << 20  # opcodes between two looks at the free memory; two bytes can make an object of _LARGEST bytes
_LARGEST = 256
_KEY = 1 << 64  # largest integer that is a key
_LONGEST_KEY = 1 << 12  # bytes, and _MOST_PARTS in a tuple: each use of a key copies it
_MOST_PARTS = 1 << 8


@dataclass(frozen=True)
class Name:
    """An object that the pickle would import."""

    module: str
    name: str


@dataclass(eq=False)
class Call:
    """An object that the pickle would create: the callable, its arguments, and the state that is set afterwards."""

    what: Any
    arguments: Any
    state: Any = None


_ENCODE = (Name("_codecs", "encode"), Name("codecs", "encode"))


class _Bad(Exception):
    """The pickle is invalid."""


def read_pickle(path: str, data: memoryview) -> Any:
    """Return the object in the pickle `data`, in plain types, `Name` and `Call`.

    Raises
    ------
    FormatError : the pickle is broken, or has opcodes that need a running program.
    W2VError : its objects do not fit into memory.
    """
    machine = _Machine(path, data)
    try:
        return machine.run()
    except _Bad as error:
        problem = str(error)
    except (IndexError, struct.error):
        problem = "it ends too early"
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        problem = f"{type(error).__name__}"
    raise FormatError(path, f"the pickle in this gensim file is damaged: {problem}", offset=machine.at)


class _Machine:
    """The stack machine; `at` is the position of the current opcode."""

    def __init__(self, path: str, data: memoryview) -> None:
        self.path, self.data = path, data
        self.at = 0
        self.next = 0
        self.stack: list[Any] = []
        self.memo: list[Any] = []  # pickles number its entries from 0, those of Python 2 from 1
        self.steps = 0

    def run(self) -> Any:
        """Execute the opcodes until STOP, and return the object on top of the stack."""
        data, stack, memo = self.data, self.stack, self.memo
        length = len(data)
        while True:
            at = self.at = self.next
            code = data[at]
            # the few opcodes of a list of words come first and are inlined, for speed
            if code == 0x8C:  # SHORT_BINUNICODE
                end = at + 2 + data[at + 1]
                if end > length:
                    raise _Bad("it ends inside a word")
                stack.append(str(data[at + 2:end], "utf-8", "surrogatepass"))
                self.next = end
            elif code == 0x94:  # MEMOIZE
                memo.append(stack[-1])
                self.next = at + 1
            elif code == 0x68:  # BINGET
                stack.append(memo[data[at + 1]])
                self.next = at + 2
            elif code == 0x6A:  # LONG_BINGET
                stack.append(memo[self._number("<I", at)])
                self.next = at + 5
            elif code == 0x4A:  # BININT
                stack.append(self._number("<i", at))
                self.next = at + 5
            elif code == 0x4D:  # BININT2
                stack.append(self._number("<H", at))
                self.next = at + 3
            elif code == 0x2E:  # STOP
                return stack.pop()
            else:
                self.next = at + 1
                self._step(code)

    def _number(self, form: str, at: int) -> Any:
        return struct.unpack_from(form, self.data, at + 1)[0]

    def _take(self, form: str) -> Any:
        value = struct.unpack_from(form, self.data, self.next)[0]
        self.next += struct.calcsize(form)
        return value

    def _bytes(self, form: str) -> memoryview:
        size = self._take(form)
        if size < 0 or size > len(self.data) - self.next:
            raise _Bad(f"{size} bytes should follow, but only {len(self.data) - self.next} do")
        self.next += size
        return self.data[self.next - size:self.next]

    def _line(self) -> str:
        begin = self.next
        while self.data[self.next] != 10:
            self.next += 1
            if self.next - begin > 1000:
                raise _Bad("a line does not end")
        self.next += 1
        return str(self.data[begin:self.next - 1], "utf-8")

    def _to_mark(self) -> list[Any]:
        stack = self.stack
        for i in range(len(stack) - 1, -1, -1):
            if stack[i] is _MARK:
                items = stack[i + 1:]
                del stack[i:]
                return items
        raise _Bad("a mark is missing")

    def _step(self, code: int) -> None:
        action = _ACTIONS.get(code)
        if action is None:
            raise _Bad(f"opcode {code:#04x} is not supported")
        if len(self.stack) > _DEEPEST:
            raise _Bad(f"more than {_DEEPEST} objects on its stack")
        self.steps += 1
        if self.steps % _CHECK_EVERY == 0:
            check_memory(self.path, _CHECK_EVERY * _LARGEST)
        action(self)


_Action = Callable[[_Machine], object]


def _append(machine: _Machine, items: list[Any]) -> None:
    target = machine.stack[-1]
    if isinstance(target, list):
        target.extend(items)
    elif not isinstance(target, Call):  # a subclass of list is never a word list: its items are dropped
        raise _Bad("items are added to an object that is not a list")


def _set_items(machine: _Machine, items: list[Any]) -> None:
    target = machine.stack[-1]
    if isinstance(target, Call):  # a subclass of dict: its items are its state
        target.state = target.state if isinstance(target.state, dict) else {}
        target = target.state
    if not isinstance(target, dict) or len(items) % 2:
        raise _Bad("items are set in an object that is not a dict")
    for key, value in zip(items[::2], items[1::2], strict=True):
        target[_key(key)] = value


def _key(key: Any) -> Any:
    """Return a key of a dict: bytes as str, also in a flat tuple (words of gensim 1 to 3).

    Other keys, which nobody looks up, become numbers: hashing nested tuples overflows the stack, and hashing a huge
    integer takes as long as it is, each time.
    """
    if isinstance(key, tuple) and len(key) <= _MOST_PARTS:
        parts = tuple(map(_word, key))
        return id(key) if None in parts else parts
    if isinstance(key, (float, bool, type(None))) or type(key) is int and -_KEY <= key <= _KEY:
        return key
    word = _word(key)
    return id(key) if word is None else word


def _word(item: Any) -> str | None:
    """Return a str, or bytes of at most _LONGEST_KEY as a str, else None."""
    if isinstance(item, Call) and item.what in _ENCODE and isinstance(item.arguments[0], str):
        item = item.arguments[0].encode("latin-1")  # bytes in protocol 2
    if isinstance(item, (bytes, memoryview)) and len(item) <= _LONGEST_KEY:
        return str(item, "utf-8", "surrogateescape")
    return item if isinstance(item, str) else None


def _global(machine: _Machine) -> None:
    module, name = machine._line(), machine._line()
    machine.stack.append(Name(module, name))


def _stack_global(machine: _Machine) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    if not (isinstance(name, str) and isinstance(module, str)):
        raise _Bad("a name is not text")
    machine.stack.append(Name(module, name))


def _call(machine: _Machine) -> None:
    arguments, what = machine.stack.pop(), machine.stack.pop()
    machine.stack.append(Call(what, arguments if isinstance(arguments, tuple) else ()))


def _call_with_keywords(machine: _Machine) -> None:
    machine.stack.pop()
    _call(machine)


def _build(machine: _Machine) -> None:
    state, target = machine.stack.pop(), machine.stack[-1]
    if not isinstance(target, Call):
        raise _Bad("state is set in something that is not an object")
    target.state = state


def _put(machine: _Machine, index: int) -> None:
    memo = machine.memo
    if index > len(memo) + 1:
        raise _Bad(f"object {index} is remembered after object {len(memo) - 1}")
    memo += [None] * (index + 1 - len(memo))
    memo[index] = machine.stack[-1]


def _tuple(machine: _Machine, size: int) -> None:
    stack = machine.stack
    if len(stack) < size:
        raise _Bad("a tuple needs more objects than the stack has")
    items = tuple(stack[len(stack) - size:])
    del stack[len(stack) - size:]
    stack.append(items)


def _push(value: Any) -> _Action:
    return lambda machine: machine.stack.append(value)


_ACTIONS: dict[int, _Action] = {
    0x80: lambda m: m._take("B"),                                                # PROTO
    0x95: lambda m: m._take("<Q"),                                               # FRAME
    ord("("): _push(_MARK),
    ord("0"): lambda m: m.stack.pop(),
    ord("1"): lambda m: m._to_mark(),
    ord("2"): lambda m: m.stack.append(m.stack[-1]),
    ord("N"): _push(None), 0x88: _push(True), 0x89: _push(False),
    ord("K"): lambda m: m.stack.append(m._take("B")),
    ord("G"): lambda m: m.stack.append(m._take(">d")),
    0x8A: lambda m: m.stack.append(int.from_bytes(m._bytes("B"), "little", signed=True)),
    0x8B: lambda m: m.stack.append(int.from_bytes(m._bytes("<i"), "little", signed=True)),
    ord("X"): lambda m: m.stack.append(str(m._bytes("<I"), "utf-8", "surrogatepass")),
    0x8D: lambda m: m.stack.append(str(m._bytes("<Q"), "utf-8", "surrogatepass")),
    # long bytes stay views of the file, since matrices are among them
    ord("B"): lambda m: m.stack.append(m._bytes("<I")),
    ord("C"): lambda m: m.stack.append(bytes(m._bytes("B"))),
    0x8E: lambda m: m.stack.append(m._bytes("<Q")),
    0x96: lambda m: m.stack.append(m._bytes("<Q")),
    ord("T"): lambda m: m.stack.append(m._bytes("<i")),
    ord("U"): lambda m: m.stack.append(str(m._bytes("B"), "utf-8", "surrogateescape")),  # a short str of Python 2
    ord("]"): lambda m: m.stack.append([]),
    ord("}"): lambda m: m.stack.append({}),
    ord(")"): _push(()),
    0x8F: lambda m: m.stack.append([]),                                          # EMPTY_SET
    0x85: lambda m: _tuple(m, 1), 0x86: lambda m: _tuple(m, 2), 0x87: lambda m: _tuple(m, 3),
    ord("t"): lambda m: m.stack.append(tuple(m._to_mark())),
    ord("l"): lambda m: m.stack.append(m._to_mark()),
    0x91: lambda m: m.stack.append(m._to_mark()),                                # FROZENSET
    ord("a"): lambda m: _append(m, [m.stack.pop()]),
    ord("e"): lambda m: _append(m, m._to_mark()),
    0x90: lambda m: _append(m, m._to_mark()),                                    # ADDITEMS
    ord("s"): lambda m: _set_items(m, [m.stack.pop(-2), m.stack.pop()]),
    ord("u"): lambda m: _set_items(m, m._to_mark()),
    ord("q"): lambda m: _put(m, m._take("B")),
    ord("r"): lambda m: _put(m, m._take("<I")),
    ord("c"): _global, 0x93: _stack_global,
    ord("R"): _call, 0x81: _call, 0x92: _call_with_keywords, ord("b"): _build,
}
