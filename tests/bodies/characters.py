"""What an XML 1.0 document can hold (its clause 2.2), for the tests of those who write and read such documents."""

from __future__ import annotations

import re

_NOT_A_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def carries(text: str) -> bool:
    """Whether a document can hold this text at all; one that cannot makes it unreadable."""
    return _NOT_A_CHARACTER.search(text) is None
