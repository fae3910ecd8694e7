"""Digium phones, the DPMA and Asterisk's presence core on one desk."""
