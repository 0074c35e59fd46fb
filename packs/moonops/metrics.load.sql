-- One environment's CPU and RAM over time, in percent.
{{metric_chart(metrics => '{cpu,ram}'::text[])}};
