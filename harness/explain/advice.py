"""What to change where the road of a status ended."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """What advice may name."""

    presser: str
    watcher: str
    line: str
    target: str
    contact_at: str
    group_at: str
    endpoint: str
    context: str
    endpoint_at: str
    elsewhere: str
    agent: str
    most: int | None


def advice(hop: str, why: str, facts: Facts) -> list[str]:
    """What to do about a road that ended there; the first rule that fits."""
    provider = f"CustomPresence:{facts.line}"
    silent = hop == "notify" and (" is none" in why or "does not subscribe" in why)
    rules: tuple[tuple[bool, str], ...] = (
        (
            hop == "hint" and "no presence part" in why,
            f"give the hint a presence part: a comma and {provider} at its end, then `dialplan reload`.",
        ),
        (
            hop == "hint" and ("no hint names" in why or "reached" in why),
            f"let the hint of {facts.target} name {provider} (the name after line=, not the phone's name).",
        ),
        (
            hop == "notify" and "404" in why and bool(facts.elsewhere),
            f"{facts.target} has a hint in {facts.elsewhere}, and endpoint {facts.endpoint} ({facts.endpoint_at}) "
            f"looks in [{facts.context}]: set subscribe_context there, or include that context.",
        ),
        (
            hop == "notify" and "404" in why,
            f"add `exten => {facts.target},hint,PJSIP/{facts.line},{provider}` to [{facts.context}], "
            f"or let the contact ({facts.contact_at}) subscribe to auto_hint_{facts.line}.",
        ),
        (
            hop == "notify" and "603" in why,
            f"set allow_subscribe=yes for endpoint {facts.endpoint} ({facts.endpoint_at}).",
        ),
        (
            silent and facts.most == 0,
            f"{facts.watcher} may not subscribe at all: contacts_max_subscriptions=0 ({facts.group_at}).",
        ),
        (
            silent and bool(facts.most and facts.target),
            f"{facts.watcher} may have {facts.most} subscriptions (contacts_max_subscriptions, {facts.group_at}): "
            f"let it have more, or put the contact ({facts.contact_at}) before others.",
        ),
        (
            silent and not facts.target,
            f"give the contact ({facts.contact_at}) a subscribe_to, such as auto_hint_{facts.line}.",
        ),
        (
            silent,
            f"let {facts.watcher} ({facts.group_at}) name the contact's group with blf_contact_group, and give the "
            f"contact ({facts.contact_at}) a subscribe_to.",
        ),
        (
            hop == "message" and "401" in why,
            f"the server does not know line {facts.line}, or not with this password: give it an endpoint with an auth "
            "in pjsip.conf, under the name after line=.",
        ),
        (
            hop == "message" and "sent no MESSAGE" in why,
            f"phone {facts.presser} has no line that can speak: give its type=phone section a line= with an endpoint.",
        ),
        (
            hop == "dpma" and "not one of the statuses" in why,
            f"add an application=status section for it to phone {facts.presser}, or pick one that it offers.",
        ),
        (
            hop == "screen" and "no digium_presence" in why,
            f"presence goes only to a User-Agent with Digium or Sangoma in it; this one is {facts.agent!r}.",
        ),
    )
    return [text for fits, text in rules if fits][:1]
