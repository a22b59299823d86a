-- An app's sign-in by a person who has a session: GET authorize, then POST token with the code. Two requests make one.
-- A thread is one connection and one session: COOKIES, a line for each. FORM is what the app posts besides the code.
local threads = {}
local given = 0

function setup(thread)
  local cookies = {}
  for cookie in (os.getenv("COOKIES") .. "\n"):gmatch("(.-)\n") do cookies[#cookies + 1] = cookie end
  thread:set("cookie", cookies[given % #cookies + 1])
  given = given + 1
  threads[#threads + 1] = thread
end

local authorize, token, form = os.getenv("AUTHORIZE"), os.getenv("TOKEN"), os.getenv("FORM")
local code = nil
lost = 0

function request()
  if code then
    local body = form .. "&code=" .. code
    code = nil
    return wrk.format("POST", token, {["content-type"] = "application/x-www-form-urlencoded"}, body)
  end
  return wrk.format("GET", authorize, {["cookie"] = cookie})
end

function response(status, headers, body)
  if status == 200 then return end
  local location = headers["location"] or headers["Location"]
  code = location and location:match("[?&]code=([^&]+)")
  -- A redirect without a code leads to the sign-in page: the session was not taken.
  if not code then lost = lost + 1 end
end

function done()
  local sum = 0
  for _, thread in ipairs(threads) do sum = sum + thread:get("lost") end
  io.write("Lost: " .. sum .. "\n")
end
