-- Let a set be read that has been built. KEYS: order, names, lease. ARGV: token. Returns 0 where the set is not the one of
-- the token, or has lost a part.
if redis.call('HGET', KEYS[2], 'set') ~= ARGV[1] or not redis.call('ZSCORE', KEYS[1], 'building') then
  return 0
end
redis.call('ZREM', KEYS[1], 'building')
redis.call('ZADD', KEYS[1], '-inf', 'ready')
redis.call('UNLINK', KEYS[3])
return 1
