"""What makes runs go on whatever happens: the durable engine behind a thin seam."""
