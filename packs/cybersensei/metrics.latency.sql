-- One tenant's AI latency over time, in milliseconds.
{{metric_chart(series => (VALUES ('average', step.latency), ('highest', step.highest)))}};
