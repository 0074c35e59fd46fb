-- What is told of the samples of a step. Averages of the latency leave out infinity, and NaN, which
-- sorts above it; of the uptime the lowest is told, so that a restart shows.
avg(m."aiLatency") FILTER (WHERE m."aiLatency" < 'Infinity') AS latency,
        avg(m."activeUsers")::float8 AS users,
        max(m."exercisesCompletedToday")::float8 AS exercises,
        min(m.uptime)::float8 AS uptime
