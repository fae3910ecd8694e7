"""The live page, the view in a terminal, and figures for monitoring: what people look at."""
