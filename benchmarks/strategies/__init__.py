"""How good samplers and schedules are, beside their peers: ``python -m benchmarks.strategies --tasks FOLDER``.

The problems come from the folder given (see `tasks`), from the BBOB suite and from `conditional`. Regrets depend on
(version, task, seed) alone, so those of the peers are computed once, in a virtual environment of their own (`peers`),
and kept as CSV files beside the page; ours are computed anew at each run (`ours`).

`knobs`, `tasks`, `bbob`, `conditional`, `traces`, `kept` and all `peer_*` files run in the peers' environment, too:
they import nothing but numpy, the peer, and one another.
"""
