-- Resolved entries of causes, before they are opened again.
{{members(state => resolved)}};
