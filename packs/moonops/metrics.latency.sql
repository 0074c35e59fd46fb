-- One environment's latency over time, in milliseconds.
{{metric_chart(metrics => '{latency}'::text[])}};
