SELECT s.version, c.sequence, c.id, c.created_at, c.position, c.parent_sequence, c.message, c.tags, c.first_tags, c.trigger_kind, c.content_type, c.size, c.checksum, c.codec, c.base_sequence, c.group_sequence, c.stored_size, c.trunk, c.chain, c.branch, c.requires, b.sequences, b.ids, b.codecs, b.bases, b.groups, b.sizes, b.checksums, b.states, c.stored
FROM sessions s

LEFT JOIN checkpoints c ON c.session_key = s.session_key AND c.sequence = $3 AND s.deleted_at IS NULL AND NOT c.removed AND NOT EXISTS (
    SELECT FROM removed_ranges r WHERE r.session_key = c.session_key
    AND r.first_sequence <= c.sequence AND r.last_sequence >= c.sequence)

LEFT JOIN LATERAL (
    SELECT array_agg(g.sequence) AS sequences, array_agg(g.id) AS ids, array_agg(g.codec) AS codecs,
        array_agg(g.base_sequence) AS bases, array_agg(g.group_sequence) AS groups, array_agg(g.size) AS sizes,
        array_agg(g.checksum) AS checksums, array_agg(g.stored) AS states
    FROM (
        WITH RECURSIVE path AS (
            SELECT g.sequence, g.id, g.codec, g.base_sequence, g.group_sequence, g.size, g.checksum, g.stored
            FROM checkpoints g
            WHERE c.base_sequence IS NOT NULL AND g.session_key = c.session_key
                AND g.sequence = c.base_sequence AND g.sequence < c.sequence
            UNION ALL
            SELECT n.*
            FROM path p CROSS JOIN LATERAL (
                SELECT g.sequence, g.id, g.codec, g.base_sequence, g.group_sequence, g.size, g.checksum, g.stored
                FROM checkpoints g
                WHERE g.session_key = c.session_key AND g.sequence = p.base_sequence AND g.sequence < p.sequence
                OFFSET 0) n)
        SELECT * FROM path) g) b ON true
WHERE s.tenant = $1 AND s.session = $2
