"""Clock and network, real or simulated, and the trace of what went over them.

Everything above takes a `World` (`harness.net.world`) and neither knows nor asks which kind it is.
"""
