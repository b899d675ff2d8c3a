"""Running a search (layer 4): the driver, and the executors that run its legs."""
