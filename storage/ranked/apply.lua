-- Place and remove competitors, each unless something newer is known. KEYS: order, names, lease. ARGV: token, revision,
-- places (24 bytes each: the name, of which the last 8 bytes are the competitor, and the score as a double), removed
-- competitors (8 bytes each), seconds to keep the lease of who builds, or 0. Returns 0, and changes nothing, where the set
-- is not the one of the token.
local order, names = KEYS[1], KEYS[2]
if redis.call('HGET', names, 'set') ~= ARGV[1] then
  return 0
end
local revision, places, removed = tonumber(ARGV[2]), ARGV[3], ARGV[4]

-- A competitor's field holds REVISION:NAME; without a name it was removed at that revision.
local function former(competitor)
  local known = redis.call('HGET', names, competitor)
  if not known then
    return true, ''
  end
  local colon = string.find(known, ':', 1, true)
  return tonumber(string.sub(known, 1, colon - 1)) < revision, string.sub(known, colon + 1)
end

for at = 1, #places, 24 do
  local name = string.sub(places, at, at + 15)
  local competitor = string.sub(name, 9)
  local newer, before = former(competitor)
  if newer then
    if before ~= '' and before ~= name then
      redis.call('ZREM', order, before)
    end
    redis.call('ZADD', order, struct.unpack('>d', places, at + 16), name)
    redis.call('HSET', names, competitor, ARGV[2] .. ':' .. name)
  end
end
for at = 1, #removed, 8 do
  local competitor = string.sub(removed, at, at + 7)
  local newer, before = former(competitor)
  if newer then
    if before ~= '' then
      redis.call('ZREM', order, before)
    end
    redis.call('HSET', names, competitor, ARGV[2] .. ':')
  end
end
if ARGV[5] ~= '0' then
  redis.call('EXPIRE', KEYS[3], ARGV[5])
end
return 1
