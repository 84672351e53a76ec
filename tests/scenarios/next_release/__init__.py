"""A release that comes after this one: its number, its schema, its workflows; the rest is ours."""
