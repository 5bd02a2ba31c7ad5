SELECT s.version, r.id, r.at, r.kind, r.outcome, c.sequence, c.id, c.created_at, c.position, c.parent_sequence, c.message, c.tags, c.first_tags, c.trigger_kind, c.content_type, c.size, c.checksum, c.codec, c.base_sequence, c.group_sequence, c.stored_size, c.trunk, c.chain, c.branch, c.requires
FROM sessions s
LEFT JOIN LATERAL unnest($3::uuid[]) AS i (id) ON true
LEFT JOIN checkpoints c ON c.session_key = s.session_key AND c.id = i.id AND s.deleted_at IS NULL
LEFT JOIN requests r ON r.session_key = s.session_key AND r.id = i.id AND (s.deleted_at IS NULL OR r.kind IN ('deleteSession', 'reviveSession'))
WHERE s.tenant = $1 AND s.session = $2
