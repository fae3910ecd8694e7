"""`module reload` and `core reload` (main/cli.c, main/loader.c)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from harness.pbx.commands.module_list import PRESENT, SUBSYSTEMS, show
from harness.pbx.commands.registry import USAGE, Answer, Registry

Reload = Callable[[], bool]
"""Reads a module's configuration again; False where that failed and all stays as it was."""


DONE, NOT_FOUND, FAILED, NOT_SUPPORTED = 0, 2, 3, 6
"""How a reload ended (enum ast_module_reload_result)."""
ALL = "All"
_SAID = {
    DONE: "Module '{}' reloaded successfully.\n",
    NOT_FOUND: "No such module '{}'\n",
    FAILED: "The module '{}' reported a reload failure\n",
    NOT_SUPPORTED: "The module '{}' does not support reloads\n",
}


class Modules:
    """What can be read again, by the name of Asterisk's module; `reloaded` is told of every attempt."""

    def __init__(self, reloaded: Callable[[], None]) -> None:
        self._reloaded = reloaded
        self._reloads: dict[str, Reload] = {}
        self.told: Callable[[str, int], None] = lambda _name, _outcome: None
        """Told of what the console reloaded: a module as it was typed, or `All`, and how that ended."""

    def register(self, registry: Registry) -> None:
        """Serve the family."""
        registry.serve("module reload", self.reload)
        registry.serve("module show [like]", show)
        registry.serve("core reload", self.reload_all)

    def add_subsystems(self, folder: Path) -> None:
        """What there is to read again of the rest of Asterisk: nothing, but some of it fails without its file."""
        for name, file in SUBSYSTEMS.items():
            self.add(name, partial(_readable, folder, file))

    def add(self, name: str, reload: Reload) -> None:
        """Read the configuration of a module again when it is asked for."""
        self._reloads[name] = reload

    def run(self, name: str | None = None) -> bool:
        """Reload one module, by its name without `.so`, or all; whether that went well."""
        self._reloaded()
        wanted = self._reloads if name is None else {name: self._reloads[name]} if name in self._reloads else {}
        return bool(wanted) and all([reload() for reload in dict.fromkeys(wanted.values())])  # two may share a file

    def reload(self, words: Sequence[str]) -> Answer:
        """Each named module in order, or all of them without a word."""
        if not words:
            return self.reload_all(())
        return Answer("".join(map(self._reload_one, words)))

    def _reload_one(self, word: str) -> str:
        name = word.removesuffix(".so").lower()
        if name in self._reloads:
            outcome = DONE if self.run(name) else FAILED
        else:
            self._reloaded()
            outcome = NOT_SUPPORTED if name in PRESENT else NOT_FOUND
        self.told(word, outcome)
        return _SAID[outcome].format(word)

    def reload_all(self, words: Sequence[str]) -> Answer:
        """Says nothing."""
        if words:
            return USAGE
        self.run()
        self.told(ALL, DONE)
        return Answer("")


def _readable(folder: Path, file: str) -> bool:
    """Whether what is read again can be: where a file is needed, it has to be there."""
    return not file or (folder / file).is_file()
