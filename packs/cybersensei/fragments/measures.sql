-- What is told of the samples of a step. Averages of the latency leave out the infinities, and NaN,
-- which sorts above them; of the uptime the lowest is told, so that a restart shows.
avg(m."aiLatency") FILTER (WHERE abs(m."aiLatency") < 'Infinity') AS latency,
        avg(m."activeUsers")::float8 AS users,
        max(m."exercisesCompletedToday")::float8 AS exercises,
        min(m.uptime)::float8 AS uptime
