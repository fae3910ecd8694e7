"""The scenario language: read, run against a target, judged by the trace.

`collect.find` finds the files, `run.run_files` runs them; `loader` reads one, `schema` is the language as data.
"""
