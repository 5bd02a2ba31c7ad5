SELECT session_key, version FROM sessions WHERE session_key = ANY($1)
