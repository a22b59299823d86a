"""The rules of the OpenID Foundation's test plans: a file for each plan, a test for each module, named after it."""
