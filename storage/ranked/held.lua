-- The name and score of each competitor, '' where it has none; false where the set is not ready. KEYS: order, names.
-- ARGV: competitors.
if not redis.call('ZSCORE', KEYS[1], 'ready') then
  return false
end
local held = {}
for at = 1, #ARGV do
  local known = redis.call('HGET', KEYS[2], ARGV[at])
  local name = known and string.sub(known, string.find(known, ':', 1, true) + 1) or ''
  held[2 * at - 1] = name
  held[2 * at] = name ~= '' and redis.call('ZSCORE', KEYS[1], name) or ''
end
return held
