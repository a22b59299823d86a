"""
Numbers for Prometheus, off unless there is a token to read them with.

    tally        what one process counts while it serves
    sharing      each process writes its counts down, so that any of them can tell of all
    exposition   ``GET /metrics``: the counts of all processes, and what the store says

Counts are of a process since its start; Prometheus adds them up and notices restarts by itself.
"""
