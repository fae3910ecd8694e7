"""The embedded server: what an Asterisk 22 with PJSIP answers on SIP and on its manager interface."""
