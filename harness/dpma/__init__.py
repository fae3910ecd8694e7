"""The DPMA's place: phones speak to it by SIP MESSAGE, and it keeps `CustomPresence:<line name>`.

What the configuration means, the `sip:proxy@` user, `text/plain`, `auto_hint_<peer>` and what is written to the
presence core are documented.  The bodies of the messages are not public; the ones here are this project's invention.
"""

from harness.dpma.bodies import PROXY_USER, VERSION_KEY
from harness.dpma.shim import DpmaShim, HintMaker, Reply, ShimOptions, StateWriter

__all__ = ["PROXY_USER", "VERSION_KEY", "DpmaShim", "HintMaker", "Reply", "ShimOptions", "StateWriter"]
