"""
The live settings by name: one table made from the structs of ``Document``, for pages, command line and files.

    table       every setting: path, kind, what it is called, its default
    values      a document as paths and values, and back
    checks      what a document must satisfy
    effects     what a change does to what is there already
    changing    the one way to change it: checks, guards against lock-out, audit
    holding     what the start of the house fixes
    giving      settings as people write them; ``writing`` writes them so
    app_entries apps of a file
    completing  a provider of a file, from its issuer
    applying    a file made true, by a command or at each start

A section of the settings is a struct and a field of ``Document``.  Labels and hints are ``msgspec.Meta`` (title,
description) of its fields; fields of type ``Secret`` are sealed, never shown, and given by reference.
"""
