-- Those behind a place, ahead of it, or at the end. KEYS: order. ARGV: 'behind', 'ahead' or 'last', how many, and the
-- place as a score and a name, whether or not anybody stands there. Returns as around.lua does.
local order, count = KEYS[1], tonumber(ARGV[2])
if not redis.call('ZSCORE', order, 'ready') then
  return false
end

-- Names compare as bytes; Lua would compare them as text of the server's language.
local function before(one, other)
  local a, b = {struct.unpack('>I4I4I4I4', one)}, {struct.unpack('>I4I4I4I4', other)}
  for at = 1, 4 do
    if a[at] ~= b[at] then
      return a[at] < b[at]
    end
  end
  return false
end

-- The position of the first that is not ahead of the place, and whether it is the place itself.
local function position()
  local low = redis.call('ZCOUNT', order, '-inf', '(' .. ARGV[3])
  local behind = redis.call('ZCOUNT', order, '-inf', ARGV[3])
  local high = behind
  while low < high do
    local middle = math.floor((low + high) / 2)
    if before(redis.call('ZRANGE', order, middle, middle)[1], ARGV[4]) then
      low = middle + 1
    else
      high = middle
    end
  end
  return low, low < behind and redis.call('ZRANGE', order, low, low)[1] == ARGV[4]
end

local first, last
if ARGV[1] == 'behind' then
  local taken
  first, taken = position()
  first = taken and first + 1 or first
  last = first + count - 1
else
  last = (ARGV[1] == 'ahead' and position() or redis.call('ZCARD', order)) - 1
  first = math.max(1, last - count + 1)
end
if count < 1 or last < first then
  return {}
end
local found = redis.call('ZRANGE', order, first, last, 'WITHSCORES')
if #found == 0 then
  return {}
end
return {first, redis.call('ZCOUNT', order, '-inf', '(' .. found[2]) - 1, found}
