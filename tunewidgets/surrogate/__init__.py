"""Models of an objective and what is decided from their predictions: arrays only (layer 2)."""
