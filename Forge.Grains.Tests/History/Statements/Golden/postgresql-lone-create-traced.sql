WITH moved AS (
    UPDATE sessions SET (version, last_batch, last_created_at, last_sequence, head_sequence, current_sequence, last_position, checkpoint_count, checkpoint_bytes, chain, seal) = ROW ($3::bigint + 1, $1, $4::timestamptz, $5::bigint, $6::bigint, $7::bigint, $8::bigint, $9::bigint, $10::bigint, $11::bytea, $12::bigint)
    WHERE session_key = $2 AND version = $3
    RETURNING 1
), fed AS (
    INSERT INTO feed (tenant, entries) SELECT $32::text, $33::bytea FROM moved
)
INSERT INTO checkpoints (session_key, sequence, id, created_at, position, parent_sequence, message, trigger_kind, content_type, size, checksum, codec, base_sequence, group_sequence, stored_size, trunk, chain, stored, trace, tags, first_tags, branch, requires) SELECT $13::bigint, $14::bigint, $15::uuid, $16::timestamptz, $17::bigint, $18::bigint, $19::text, $20::smallint, $21::text, $22::integer, $23::bytea, $24::smallint, $25::bigint, $26::bigint, $27::integer, $28::boolean, $29::bytea, $30::bytea, $31::bytea, '{}'::text[], NULL::text[], NULL::text, NULL::text FROM moved
