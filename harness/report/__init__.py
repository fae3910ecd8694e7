"""What came of a run, for people (`terminal`, `html`, ladders) and for machines (`junit`, `tap`, `github`, `jsonl`)."""
