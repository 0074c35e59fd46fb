-- Open entries of the level of the cause :key, each with its cause: parts of a WITH.
{{causes(of => label::text = split_part(:key::text, '-', 1), from => {{lookback}}, where => NOT resolved)}}
