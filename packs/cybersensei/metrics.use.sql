-- One tenant's active users, and the exercises completed since its midnight, over time.
{{metric_chart(series => (VALUES ('active users', step.users), ('exercises today', step.exercises)))}};
