"""The bodies that a NOTIFY carries, written byte for byte as Asterisk does and read as a phone does.

Writers give `bytes` and take plain values; text that came from the wire is `str` decoded as UTF-8 with
`surrogateescape` and goes out as the bytes that came in. Readers raise a `BodyError` and nothing else.
"""

from harness.bodies.xml import BodyError

__all__ = ["BodyError"]
