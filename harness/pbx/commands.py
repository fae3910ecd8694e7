"""The command line of the server (sections of main/cli.c and the modules' own commands)."""

from __future__ import annotations


class Commands:
    """Runs one command and gives its output."""

    def run(self, command: str) -> tuple[bool, str]:
        """Whether it succeeded, and what it printed."""
        words = command.split()
        shown = " ".join(words[:2])
        return False, f"No such command '{command}' (type 'core show help {shown}' for other possible commands)\n"
