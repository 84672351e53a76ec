"""Zip and CMS as streams, certificates, the opener, and the keys that seal our own secrets."""
