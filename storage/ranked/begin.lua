-- Begin to build a set anew, unless it is ready or somebody else does. KEYS: order, names, lease. ARGV: token, seconds of the lease,
-- seconds to keep the set.
if redis.call('ZSCORE', KEYS[1], 'ready') and redis.call('HEXISTS', KEYS[2], 'set') == 1 then
  return 0
end
if not redis.call('SET', KEYS[3], ARGV[1], 'NX', 'EX', ARGV[2]) then
  return 0
end
redis.call('UNLINK', KEYS[1], KEYS[2])
redis.call('ZADD', KEYS[1], '-inf', 'building')
redis.call('HSET', KEYS[2], 'set', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return 1
