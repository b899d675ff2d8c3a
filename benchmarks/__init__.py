"""The figures of ``docs/benchmarks.md``: each file with a `run` has one subject, and its peers run in the same go.

``python -m benchmarks`` takes all of them, one after another, on a machine that should have nothing else to do;
``python -m benchmarks trials driver`` takes two. With ``--quick`` everything is tiny, says nothing about speed, and is
written to ``build/benchmarks/`` instead of ``docs/``.
"""
