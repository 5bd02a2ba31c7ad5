SELECT s.version, c.sequence, c.id, c.created_at, c.position, c.parent_sequence, c.message, c.tags, c.first_tags, c.trigger_kind, c.content_type, c.size, c.checksum, c.codec, c.base_sequence, c.group_sequence, c.stored_size, c.trunk, c.chain, c.branch, c.requires
FROM sessions s

LEFT JOIN checkpoints c ON c.session_key = s.session_key AND c.id = $3 AND s.deleted_at IS NULL AND NOT c.removed AND NOT EXISTS (
    SELECT FROM removed_ranges r WHERE r.session_key = c.session_key
    AND r.first_sequence <= c.sequence AND r.last_sequence >= c.sequence)


WHERE s.tenant = $1 AND s.session = $2
