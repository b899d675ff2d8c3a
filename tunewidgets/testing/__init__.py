"""Public contract suites: a new sampler, schedule, store or executor joins with one line (layer 8)."""
