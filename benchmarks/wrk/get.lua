-- A document over and over, as a client asks that has no copy of it yet.
wrk.method = "GET"
