"""`pjsip qualify` and what is set about it (res_pjsip/pjsip_options.c)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from harness.pbx.commands.registry import USAGE, Answer, Registry, failure
from harness.pbx.commands.served import Served

if TYPE_CHECKING:
    from harness.config.pjsip_objects import Aor, Endpoint


def register(registry: Registry, served: Served) -> None:
    """Serve the family."""
    family = _Qualify(served)
    registry.serve("pjsip qualify", family.qualify)
    registry.serve("pjsip show qualify endpoint", family.show_endpoint)
    registry.serve("pjsip show qualify aor", family.show_aor)
    registry.serve("pjsip reload qualify endpoint", family.reload_endpoint)
    registry.serve("pjsip reload qualify aor", family.reload_aor)


class _Qualify:
    def __init__(self, served: Served) -> None:
        self._served = served

    def qualify(self, words: Sequence[str]) -> Answer:
        def ask(endpoint: Endpoint, aor: Aor) -> str:
            self._served.qualifying.ask_all(aor.name)
            return f"Qualifying AOR '{aor.name}' on endpoint '{endpoint.name}'\n"

        return self._of_endpoint(words, ask)

    def show_endpoint(self, words: Sequence[str]) -> Answer:
        def show(endpoint: Endpoint, aor: Aor) -> str:
            return f" * AOR '{aor.name}' on endpoint '{endpoint.name}'\n{_options(aor)}\n"

        return self._of_endpoint(words, show)

    def show_aor(self, words: Sequence[str]) -> Answer:
        if len(words) != 1:
            return USAGE
        aor = self._served.pjsip.aors.get(words[0])
        if aor is None:
            return failure(f"Unable to retrieve aor '{words[0]}' qualify options\n")
        return Answer(f" * AOR '{aor.name}'\n{_options(aor)}")

    def reload_endpoint(self, words: Sequence[str]) -> Answer:
        def synchronize(endpoint: Endpoint, aor: Aor) -> str:
            self._served.qualifying.again(aor.name)
            return f"Synchronizing AOR '{aor.name}' on endpoint '{endpoint.name}'\n"

        return self._of_endpoint(words, synchronize)

    def reload_aor(self, words: Sequence[str]) -> Answer:
        if len(words) != 1:
            return USAGE
        aor = self._served.pjsip.aors.get(words[0])
        if aor is None:
            return failure(f"Unable to retrieve aor '{words[0]}'\n")
        self._served.qualifying.again(aor.name)
        return Answer(f"Synchronizing AOR '{aor.name}'\n")

    def _of_endpoint(self, words: Sequence[str], lines: Callable[[Endpoint, Aor], str]) -> Answer:
        if len(words) != 1:
            return USAGE
        endpoint = self._served.pjsip.endpoints.get(words[0])
        if endpoint is None:
            return failure(f"Unable to retrieve endpoint {words[0]}\n")
        if not endpoint.aors:
            return failure(f"No AORs configured for endpoint '{endpoint.name}'\n")
        aors = self._served.pjsip.aors
        return Answer("".join(lines(endpoint, aors[name]) for name in endpoint.aors if name in aors))


def _options(aor: Aor) -> str:
    """The milliseconds are computed the wrong way there."""
    return (
        f"  Qualify frequency    : {aor.qualify_frequency} sec\n"
        f"  Qualify timeout      : {int(aor.qualify_timeout / 1000)} ms\n"
        f"  Qualify 2xx only     : {_yes_no(aor.flag('qualify_2xx_only'))}\n"
        f"  Authenticate qualify : {_yes_no(aor.authenticate_qualify)}\n"
    )


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"
