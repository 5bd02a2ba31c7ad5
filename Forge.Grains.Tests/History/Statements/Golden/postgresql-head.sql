SELECT s.session_key, s.incarnation, s.version, s.last_batch, s.created_at, s.last_created_at, s.last_sequence, s.head_sequence, s.current_sequence, s.last_position, s.checkpoint_count, s.checkpoint_bytes, s.settings, s.origin_key, s.origin_sequence, s.chain, s.deleted_at, s.seal, s.chained_after, s.claim_epoch, s.claim_owner, s.claim_until, s.write_count, s.write_bytes, s.effect_count, s.token_count, s.due_state, h.id, p.id, b.branches, b.heads, b.head_ids, b.currents, b.current_ids, b.counts
FROM sessions s
LEFT JOIN checkpoints h
    ON h.session_key = s.session_key AND h.sequence = s.head_sequence AND s.deleted_at IS NULL
LEFT JOIN checkpoints p
    ON p.session_key = s.session_key AND p.sequence = s.current_sequence AND s.deleted_at IS NULL
LEFT JOIN LATERAL (
    SELECT array_agg(g.branch) AS branches, array_agg(g.head_sequence) AS heads, array_agg(g.head_id) AS head_ids,
        array_agg(g.current_sequence) AS currents, array_agg(g.current_id) AS current_ids, array_agg(g.checkpoint_count) AS counts
    FROM (SELECT l.branch, l.head_sequence, lh.id AS head_id, l.current_sequence, lc.id AS current_id, l.checkpoint_count
FROM branches l
LEFT JOIN checkpoints lh ON lh.session_key = l.session_key AND lh.sequence = l.head_sequence
LEFT JOIN checkpoints lc ON lc.session_key = l.session_key AND lc.sequence = l.current_sequence
WHERE l.session_key = s.session_key) g) b ON s.deleted_at IS NULL
WHERE s.tenant = $1 AND s.session = $2
