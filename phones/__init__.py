"""Simulated Digium and Sangoma phones that talk real SIP."""
