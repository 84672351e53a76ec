"""What an operator sees of a running process: metrics, traces, and whether it can work."""
