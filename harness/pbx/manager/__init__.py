"""The Asterisk Manager Interface (AMI 11.0.0, main/manager.c)."""
