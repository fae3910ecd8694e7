"""What came of a run, for people (`terminal`, `ladder`) and for machines (`junit`, `jsonl`)."""
