-- The token of a set that takes changes, ready or being built; false where there is none. What is left of a set that has
-- lost its names would not change any more: it goes. KEYS: order, names.
local token = redis.call('HGET', KEYS[2], 'set')
if not token then
  redis.call('UNLINK', KEYS[1])
end
return token
