-- What tells two secrets apart and tells nothing of them: the beginning of the SHA-256, made on the server.
left(encode(sha256(convert_to({{of}}, 'UTF8')), 'hex'), 12)
