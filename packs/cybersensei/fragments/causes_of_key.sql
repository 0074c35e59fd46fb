-- Open entries of the level of a cause, each with its cause: parts of a WITH.
{{causes(of => label::text = split_part({{key}}, '-', 1), from => {{lookback}}, where => NOT resolved)}}
