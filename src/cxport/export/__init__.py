"""One run, from its source to sealed objects, whoever asked and whatever drives it."""
