WITH moved AS (
    UPDATE sessions SET (version, last_batch, incarnation, created_at, last_created_at, last_sequence, head_sequence, current_sequence, last_position, checkpoint_count, checkpoint_bytes, settings, origin_key, origin_sequence, chain, deleted_at, seal) = ROW ($3::bigint + 1, $1, $4::integer, $5::timestamptz, $6::timestamptz, $7::bigint, $8::bigint, $9::bigint, $10::bigint, $11::bigint, $12::bigint, $13::text, $14::bigint, $15::bigint, $16::bytea, $17::timestamptz, $18::bigint)
    WHERE session_key = $2 AND version = $3
    RETURNING 1
), fed AS (
    INSERT INTO feed (tenant, entries) SELECT $37::text, $38::bytea FROM moved
)
INSERT INTO checkpoints (session_key, sequence, id, created_at, position, parent_sequence, message, trigger_kind, content_type, size, checksum, codec, base_sequence, group_sequence, stored_size, trunk, chain, stored, tags, first_tags, branch, requires) SELECT $19::bigint, $20::bigint, $21::uuid, $22::timestamptz, $23::bigint, $24::bigint, $25::text, $26::smallint, $27::text, $28::integer, $29::bytea, $30::smallint, $31::bigint, $32::bigint, $33::integer, $34::boolean, $35::bytea, $36::bytea, '{}'::text[], NULL::text[], NULL::text, NULL::text FROM moved
