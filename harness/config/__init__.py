"""Asterisk's configuration files: the syntax once, then one reader a file kind.

Every value knows its file and line. Files are named relative to the configuration folder, so that what is
read does not depend on where the folder lies; an `InputError` names the path as it was given.
"""
