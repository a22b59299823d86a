"""
Composition: the only package that knows both programs.

    __main__        the ``poolhouse`` command         options       click options from a settings table
    up              both programs on one machine       seed          the demo of ``up``
    production      settings into programs             serving       one program, in one process or several
    administration  administrators and access keys     masters       the master key
    certificates    an authority for this machine      server        uvicorn, several apps in one loop
    *_commands      a group of commands each     backing_up      a backup, and a database from it
    break_glass     an administrator in, once            places      what the directory of ``up`` holds
    apart           work in a process of its own
    wire            limits of HTTP for both ways to run
    turns, cycle    requests of a connection in turn, and one of them with its answer
    laggards        clients that do not take what they asked for
    serve_*         the command of one program        later      commands imported when asked for
"""
