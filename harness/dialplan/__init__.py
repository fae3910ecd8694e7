"""extensions.conf: what a call does there, and what hints need of it (sections 7 and 3.3 of the behaviour text)."""
