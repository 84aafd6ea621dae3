-- A competitor with those above and below. KEYS: order, names. ARGV: competitor, how many above, below. Returns the
-- position of the first, how many have a better score than it, and names with scores; nothing of who has no place;
-- false where the set is not ready.
local order = KEYS[1]
if not redis.call('ZSCORE', order, 'ready') then
  return false
end
local known = redis.call('HGET', KEYS[2], ARGV[1])
if not known then
  return redis.call('HEXISTS', KEYS[2], 'set') == 1 and {} or false
end
local name = string.sub(known, string.find(known, ':', 1, true) + 1)
if name == '' then
  return {}
end
local position = redis.call('ZRANK', order, name)
if not position then
  return false
end
local first = math.max(1, position - ARGV[2])
local found = redis.call('ZRANGE', order, first, position + ARGV[3], 'WITHSCORES')
return {first, redis.call('ZCOUNT', order, '-inf', '(' .. found[2]) - 1, found}
