"""
Composition: the only package that knows both programs.

    __main__   the ``poolhouse`` command           options   click options from a settings table
    up         both programs on one machine         seed      the demo of ``up``
    serve      one program in production            admin     administrators and access keys
    masters    the master key                       server    uvicorn, several apps in one loop
"""
