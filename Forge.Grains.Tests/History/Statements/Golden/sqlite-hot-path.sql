INSERT INTO checkpoint_tags (session_key, tag, sequence, tenant, created_at)
SELECT c.session_key, each.value, c.sequence, s.tenant, c.created_at
FROM checkpoints c JOIN sessions s ON s.session_key = c.session_key, json_each(c.tags) AS each
WHERE c.session_key = ?1 AND c.sequence = ?2
ON CONFLICT DO NOTHING;
INSERT INTO checkpoints (session_key, sequence, id, created_at, position, parent_sequence, message, tags, first_tags, trigger_kind, content_type, size, checksum, codec, base_sequence, group_sequence, stored_size, trunk, chain, branch, requires, stored) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22);
INSERT INTO feed (tenant, id, written_at, entries)
SELECT ?1, 1 + max(
    coalesce((SELECT f.id FROM feed f WHERE f.tenant = ?1 ORDER BY f.tx DESC, f.id DESC LIMIT 1), 0),
    coalesce((SELECT m.id FROM feed_marks m WHERE m.tenant = ?1), 0)), ?2, ?3;
INSERT INTO session_activity (session_key, tenant, active_at)
SELECT s.session_key, s.tenant, CASE WHEN s.last_created_at > s.created_at THEN s.last_created_at ELSE s.created_at END FROM sessions s WHERE s.session_key = ?1
ON CONFLICT DO NOTHING;
INSERT INTO sessions (session_key, incarnation, version, last_batch, created_at, last_created_at, last_sequence, head_sequence, current_sequence, last_position, checkpoint_count, checkpoint_bytes, settings, origin_key, origin_sequence, chain, deleted_at, seal, chained_after, claim_epoch, claim_owner, claim_until, write_count, write_bytes, effect_count, token_count, due_state, tenant, session) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29) ON CONFLICT (tenant, session) DO NOTHING;
SELECT at, kind, outcome FROM requests WHERE session_key = ?1 AND id = ?2;
SELECT c.sequence, c.id, c.created_at, c.position, c.parent_sequence, c.message, c.tags, c.first_tags, c.trigger_kind, c.content_type, c.size, c.checksum, c.codec, c.base_sequence, c.group_sequence, c.stored_size, c.trunk, c.chain, c.branch, c.requires FROM checkpoints c WHERE c.session_key = ?1 AND c.id = ?2;
SELECT c.sequence, c.id, c.created_at, c.position, c.parent_sequence, c.message, c.tags, c.first_tags, c.trigger_kind, c.content_type, c.size, c.checksum, c.codec, c.base_sequence, c.group_sequence, c.stored_size, c.trunk, c.chain, c.branch, c.requires FROM checkpoints c WHERE c.session_key = ?1 AND c.id = ?2 AND c.removed = 0 AND NOT EXISTS (SELECT 1 FROM removed_ranges r WHERE r.session_key = c.session_key AND r.first_sequence <= c.sequence AND r.last_sequence >= c.sequence);
SELECT c.sequence, c.id, c.created_at, c.position, c.parent_sequence, c.message, c.tags, c.first_tags, c.trigger_kind, c.content_type, c.size, c.checksum, c.codec, c.base_sequence, c.group_sequence, c.stored_size, c.trunk, c.chain, c.branch, c.requires FROM checkpoints c WHERE c.session_key = ?1 AND c.sequence = ?2 AND c.removed = 0 AND NOT EXISTS (SELECT 1 FROM removed_ranges r WHERE r.session_key = c.session_key AND r.first_sequence <= c.sequence AND r.last_sequence >= c.sequence);
SELECT c.sequence, c.id, c.created_at, c.position, c.parent_sequence, c.message, c.tags, c.first_tags, c.trigger_kind, c.content_type, c.size, c.checksum, c.codec, c.base_sequence, c.group_sequence, c.stored_size, c.trunk, c.chain, c.branch, c.requires, c.stored FROM checkpoints c WHERE c.session_key = ?1 AND c.id = ?2 AND c.removed = 0 AND NOT EXISTS (SELECT 1 FROM removed_ranges r WHERE r.session_key = c.session_key AND r.first_sequence <= c.sequence AND r.last_sequence >= c.sequence);
SELECT c.sequence, c.id, c.created_at, c.position, c.parent_sequence, c.message, c.tags, c.first_tags, c.trigger_kind, c.content_type, c.size, c.checksum, c.codec, c.base_sequence, c.group_sequence, c.stored_size, c.trunk, c.chain, c.branch, c.requires, c.stored FROM checkpoints c WHERE c.session_key = ?1 AND c.sequence = ?2 AND c.removed = 0 AND NOT EXISTS (SELECT 1 FROM removed_ranges r WHERE r.session_key = c.session_key AND r.first_sequence <= c.sequence AND r.last_sequence >= c.sequence);
SELECT id FROM checkpoints WHERE session_key = ?1 AND sequence = ?2;
SELECT l.branch, l.head_sequence, lh.id AS head_id, l.current_sequence, lc.id AS current_id, l.checkpoint_count
FROM branches l
LEFT JOIN checkpoints lh ON lh.session_key = l.session_key AND lh.sequence = l.head_sequence
LEFT JOIN checkpoints lc ON lc.session_key = l.session_key AND lc.sequence = l.current_sequence
WHERE l.session_key = ?1;
SELECT position, at, severity, text FROM annotations WHERE session_key = ?1 AND sequence = ?2 ORDER BY position;
SELECT session_key, incarnation, version, last_batch, created_at, last_created_at, last_sequence, head_sequence, current_sequence, last_position, checkpoint_count, checkpoint_bytes, settings, origin_key, origin_sequence, chain, deleted_at, seal, chained_after, claim_epoch, claim_owner, claim_until, write_count, write_bytes, effect_count, token_count, due_state FROM sessions WHERE tenant = ?1 AND session = ?2;
SELECT session_key, version, deleted_at IS NOT NULL, last_sequence, head_sequence, current_sequence FROM sessions WHERE tenant = ?1 AND session = ?2;
SELECT version FROM sessions WHERE session_key = ?1;
UPDATE sessions SET incarnation = ?2, version = ?3, last_batch = ?4, created_at = ?5, last_created_at = ?6, last_sequence = ?7, head_sequence = ?8, current_sequence = ?9, last_position = ?10, checkpoint_count = ?11, checkpoint_bytes = ?12, settings = ?13, origin_key = ?14, origin_sequence = ?15, chain = ?16, deleted_at = ?17, seal = ?18, chained_after = ?19, claim_epoch = ?20, claim_owner = ?21, claim_until = ?22, write_count = ?23, write_bytes = ?24, effect_count = ?25, token_count = ?26, due_state = ?27 WHERE session_key = ?1 AND version = ?28
