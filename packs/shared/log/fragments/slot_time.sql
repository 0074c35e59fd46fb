-- When a step of a chart begins.
(timestamp 'epoch' + slot.n * scale.step * interval '1 second')::timestamptz AS "time"
