"""The command line of the server (main/cli.c), for the manager's `Command` and for `dpma-harness cli`."""

from harness.pbx.commands.commands import Commands
from harness.pbx.commands.digium import DigiumPhones, Session

__all__ = ["Commands", "DigiumPhones", "Session"]
