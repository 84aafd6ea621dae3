-- How many stand in the order; false where the set is not ready. KEYS: order.
if not redis.call('ZSCORE', KEYS[1], 'ready') then
  return false
end
return redis.call('ZCARD', KEYS[1]) - 1
