-- Codes that were made beforehand, each once: FORM is what the app posts besides the code, CODES has one a line.
-- Whoever runs out of them is told so by the server, and the run fails.
local form, codes, number = os.getenv("FORM"), {}, 0
for line in io.lines(os.getenv("CODES")) do codes[#codes + 1] = line end

wrk.method = "POST"
wrk.headers["content-type"] = "application/x-www-form-urlencoded"

function request()
  number = number + 1
  return wrk.format(nil, nil, nil, form .. "&code=" .. (codes[number] or "none-left"))
end
