-- One tenant's uptime over time, in milliseconds: a drop is a restart.
{{metric_chart(series => (VALUES ('uptime', step.uptime * 1000)))}};
