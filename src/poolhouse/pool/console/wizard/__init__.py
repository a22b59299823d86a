"""
Create user pool, in six steps.

steps.py    the steps: their names, fields and checks, what they propose
draft.py    what has been filled in so far, kept on the server between the steps
plan.py     the draft as request bodies; summary.py: the draft in words, for the review
create.py   the run: everything is created, or nothing
pages.py    the pages
"""
