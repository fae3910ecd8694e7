"""What a scenario runs against: the embedded server, later a real Asterisk."""
