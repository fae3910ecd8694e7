"""SIP without I/O: bytes and times in, bytes, timers and events out."""
