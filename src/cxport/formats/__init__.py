"""Records to bytes: JSON Lines and the JSON Schema of each entity."""
