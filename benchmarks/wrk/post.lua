-- One request over and over: METHOD, BODY and the headers in HEADERS ("name: value" a line) of the environment.
wrk.method = "POST"
wrk.body = os.getenv("BODY")
for name, value in os.getenv("HEADERS"):gmatch("([^:\n]+): ([^\n]*)") do wrk.headers[name] = value end
