-- Open entries of causes, before they are resolved.
{{members(state => NOT resolved)}};
