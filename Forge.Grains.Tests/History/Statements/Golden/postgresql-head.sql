SELECT s.session_key, s.incarnation, s.version, s.last_batch, s.created_at, s.last_created_at, s.last_sequence, s.head_sequence, s.current_sequence, s.last_position, s.checkpoint_count, s.checkpoint_bytes, s.settings, s.origin_key, s.origin_sequence, s.chain, s.deleted_at, s.seal, s.chained_after, h.id, p.id
FROM sessions s
LEFT JOIN checkpoints h
    ON h.session_key = s.session_key AND h.sequence = s.head_sequence AND s.deleted_at IS NULL
LEFT JOIN checkpoints p
    ON p.session_key = s.session_key AND p.sequence = s.current_sequence AND s.deleted_at IS NULL WHERE s.tenant = $1 AND s.session = $2
