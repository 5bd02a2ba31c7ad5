WITH input AS MATERIALIZED (
    SELECT unnest($2::bigint[]) AS session_key, unnest($3::bigint[]) AS expected, unnest($4::integer[]) AS incarnation, unnest($5::timestamptz[]) AS created_at, unnest($6::timestamptz[]) AS last_created_at, unnest($7::bigint[]) AS last_sequence, unnest($8::bigint[]) AS head_sequence, unnest($9::bigint[]) AS current_sequence, unnest($10::bigint[]) AS last_position, unnest($11::bigint[]) AS checkpoint_count, unnest($12::bigint[]) AS checkpoint_bytes, unnest($13::text[]) AS settings, unnest($14::bigint[]) AS origin_key, unnest($15::bigint[]) AS origin_sequence, unnest($16::bytea[]) AS chain, unnest($17::timestamptz[]) AS deleted_at, unnest($18::bigint[]) AS seal, unnest($19::bigint[]) AS chained_after, unnest($20::bigint[]) AS claim_epoch, unnest($21::text[]) AS claim_owner, unnest($22::timestamptz[]) AS claim_until, unnest($23::bigint[]) AS write_count, unnest($24::bigint[]) AS write_bytes, unnest($25::bigint[]) AS effect_count, unnest($26::bigint[]) AS token_count, unnest($27::text[]) AS due_state, unnest($28::text[]) AS tenant, unnest($29::text[]) AS session, generate_subscripts($2::bigint[], 1) AS place
), locked AS MATERIALIZED (
    SELECT i.*, held.address
    FROM input i CROSS JOIN LATERAL (
        SELECT s.ctid AS address FROM sessions s
        WHERE s.session_key = i.session_key AND s.version = i.expected
        FOR UPDATE SKIP LOCKED) held
    WHERE i.expected > 0
), moved AS (
    UPDATE sessions s SET (version, last_batch, incarnation, created_at, last_created_at, last_sequence, head_sequence, current_sequence, last_position, checkpoint_count, checkpoint_bytes, settings, origin_key, origin_sequence, chain, deleted_at, seal, chained_after, claim_epoch, claim_owner, claim_until, write_count, write_bytes, effect_count, token_count, due_state) = ROW (i.expected + 1, $1, i.incarnation, i.created_at, i.last_created_at, i.last_sequence, i.head_sequence, i.current_sequence, i.last_position, i.checkpoint_count, i.checkpoint_bytes, i.settings, i.origin_key, i.origin_sequence, i.chain, i.deleted_at, i.seal, i.chained_after, i.claim_epoch, i.claim_owner, i.claim_until, i.write_count, i.write_bytes, i.effect_count, i.token_count, i.due_state)
    FROM locked i WHERE s.ctid = i.address
    RETURNING s.session_key
), added AS (
    INSERT INTO sessions (session_key, tenant, session, version, last_batch, incarnation, created_at, last_created_at, last_sequence, head_sequence, current_sequence, last_position, checkpoint_count, checkpoint_bytes, settings, origin_key, origin_sequence, chain, deleted_at, seal, chained_after, claim_epoch, claim_owner, claim_until, write_count, write_bytes, effect_count, token_count, due_state)
    SELECT i.session_key, i.tenant, i.session, i.expected + 1, $1, i.incarnation, i.created_at, i.last_created_at, i.last_sequence, i.head_sequence, i.current_sequence, i.last_position, i.checkpoint_count, i.checkpoint_bytes, i.settings, i.origin_key, i.origin_sequence, i.chain, i.deleted_at, i.seal, i.chained_after, i.claim_epoch, i.claim_owner, i.claim_until, i.write_count, i.write_bytes, i.effect_count, i.token_count, i.due_state FROM input i
    WHERE i.expected = 0 ORDER BY i.tenant, i.session
    ON CONFLICT DO NOTHING
    RETURNING session_key
), passed AS (
    SELECT session_key FROM moved UNION ALL SELECT session_key FROM added
), created AS (
    INSERT INTO checkpoints (session_key, sequence, id, created_at, position, parent_sequence, message, trigger_kind, content_type, size, checksum, codec, base_sequence, group_sequence, stored_size, trunk, chain, stored, tags, first_tags, branch, requires) SELECT c.session_key, c.sequence, c.id, c.created_at, c.position, c.parent_sequence, c.message, c.trigger_kind, c.content_type, c.size, c.checksum, c.codec, c.base_sequence, c.group_sequence, c.stored_size, c.trunk, c.chain, c.stored, c.tags::text[], c.first_tags::text[], c.branch::text, c.requires::text FROM (SELECT unnest($30::bigint[]) AS session_key, unnest($31::bigint[]) AS sequence, unnest($32::uuid[]) AS id, unnest($33::timestamptz[]) AS created_at, unnest($34::bigint[]) AS position, unnest($35::bigint[]) AS parent_sequence, unnest($36::text[]) AS message, unnest($37::smallint[]) AS trigger_kind, unnest($38::text[]) AS content_type, unnest($39::integer[]) AS size, unnest($40::bytea[]) AS checksum, unnest($41::smallint[]) AS codec, unnest($42::bigint[]) AS base_sequence, unnest($43::bigint[]) AS group_sequence, unnest($44::integer[]) AS stored_size, unnest($45::boolean[]) AS trunk, unnest($46::bytea[]) AS chain, unnest($47::bytea[]) AS stored, unnest($48::text[]) AS tags, unnest($49::text[]) AS first_tags, unnest($50::text[]) AS branch, unnest($51::text[]) AS requires) c
    WHERE (c.session_key IN (SELECT session_key FROM passed)) IS TRUE
)
SELECT CASE
    WHEN (i.session_key IN (SELECT session_key FROM passed)) IS TRUE THEN 0
    WHEN (SELECT s.version FROM sessions s WHERE s.session_key = i.session_key) = i.expected THEN 2
    ELSE 1 END::smallint
FROM input i ORDER BY i.place
