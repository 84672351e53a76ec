"""The rules of an export as plain values: standard library only, imports nothing of ours."""
