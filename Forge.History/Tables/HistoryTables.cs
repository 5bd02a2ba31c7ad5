using System.Text.Json;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Sql;
using static Forge.History.Sql.ColumnUse;

namespace Forge.History.Tables;

/// <summary>
/// The tables of the history, with a column for each field. What is written, selected and read follows from them, in both
/// databases; the definitions stand in the migrations and in docs/schema.md.
/// </summary>
internal static class HistoryTables
{
    /// <summary>The number of a head row's commit, by which the fence tells who has the newest.</summary>
    public const string Version = "version";

    /// <summary>The batch that made a head row's version.</summary>
    public const string LastBatch = "last_batch";

    /// <summary>The check over a head row, which whoever writes it computes.</summary>
    public const string Seal = "seal";

    /// <summary>What a checkpoint requires: given as references, and stored as the sequences that these were found to name.</summary>
    public const string Requires = "requires";

    /// <summary>The head rows. Their names (tenant and session) are not part of a head.</summary>
    public static readonly Table<SessionHead> Sessions = Table<SessionHead>.Of("sessions", isUnderSession: false, of => of
        .Column("session_key", s => s.Key, Key)
        .Column("incarnation", s => s.Incarnation, Fenced | Standing)
        .Column(Version, s => s.Version, Fenced)
        .Column(LastBatch, s => s.LastBatch, Fenced)
        .Column("created_at", s => s.CreatedAt, Fenced | Standing)
        .Column("last_created_at", s => s.LastCreatedAt, Fenced)
        .Column("last_sequence", s => s.LastSequence, Fenced)
        .Column("head_sequence", s => s.Head, Fenced)
        .Column("current_sequence", s => s.Current, Fenced)
        .Column("last_position", s => s.LastPosition, Fenced)
        .Column("checkpoint_count", s => s.Count, Fenced)
        .Column("checkpoint_bytes", s => s.Bytes, Fenced)
        .Column("settings", s => s.Settings, Fenced | Standing)
        .Column("origin_key", s => s.OriginKey, Fenced | Standing)
        .Column("origin_sequence", s => s.OriginSequence, Fenced | Standing)
        .Column("chain", s => s.Chain, Fenced)
        .Column("deleted_at", s => s.DeletedAt, Fenced | Standing)
        .Column(Seal, s => s.Seal, Fenced)
        .Column("chained_after", s => s.ChainedAfter, Fenced | Standing)
        .Column("claim_epoch", s => s.ClaimEpoch, Fenced | Standing)
        .Column("claim_owner", s => s.ClaimOwner, Fenced | Standing)
        .Column("claim_until", s => s.ClaimUntil, Fenced | Standing)
        .Column("write_count", s => s.WriteCount, Fenced | Standing)
        .Column("write_bytes", s => s.WriteBytes, Fenced | Standing)
        .Column("effect_count", s => s.EffectCount, Fenced | Standing)
        .Column("token_count", s => s.TokenCount, Fenced | Standing)
        .Column("due_state", s => s.DueState, Fenced | Standing));

    /// <summary>
    /// The checkpoints. Whether one is hidden, being kept for others alone, is no part of its row: a column <c>removed</c>, which the
    /// conditions of reads and what removes rows ask for. Nor is where its create was in its caller's trace.
    /// </summary>
    public static readonly Table<StoredCheckpoint> Checkpoints = Table<StoredCheckpoint>.Of("checkpoints", isUnderSession: true, OfCheckpoints);

    /// <summary>
    /// How checkpoints are written whose creates were traced (<see cref="StoredCheckpoint.Trace"/>): nothing else sends or reads that column, so
    /// that a create which nobody traces costs what it cost before there was one.
    /// </summary>
    public static readonly Table<StoredCheckpoint> TracedCheckpoints = Table<StoredCheckpoint>.Of(
        "checkpoints", isUnderSession: true, of => OfCheckpoints(of).Column("trace", c => c.Trace));

    /// <summary>The branches of sessions but main, whose head and current checkpoint stand in the head row.</summary>
    public static readonly Table<SessionBranch> Branches = Table<SessionBranch>.Of("branches", isUnderSession: true, of => of
        .Column("branch", b => b.Branch, Key)
        .Column("head_sequence", b => b.Head)
        .Column("current_sequence", b => b.Current)
        .Column("checkpoint_count", b => b.Count)
        .Column("seal", b => b.Seal));

    /// <summary>The labels that sessions have now. Tenant, session and activity, which the database adds, are only asked for by conditions.</summary>
    public static readonly Table<StoredLabel> SessionLabels = Table<StoredLabel>.Of("session_labels", isUnderSession: true, of => of
        .Column("name", l => l.Name, Key)
        .Column("value", l => l.Value));

    /// <summary>When sessions were active, as far as it was noted.</summary>
    public static readonly Table<StoredActivity> SessionActivity = Table<StoredActivity>.Of("session_activity", isUnderSession: false, of => of
        .Column("session_key", a => a.SessionKey, Key)
        .Column("tenant", a => a.Tenant)
        .Column("active_at", a => a.At));

    /// <summary>
    /// The index of the tags that checkpoints have now. Tenant and time, by which a tenant is searched, are only asked for by conditions.
    /// </summary>
    public static readonly Table<StoredTag> CheckpointTags = Table<StoredTag>.Of("checkpoint_tags", isUnderSession: true, of => of
        .Column("tag", t => t.Tag, Key)
        .Column("sequence", t => t.Sequence, Key));

    /// <summary>
    /// The index of what checkpoints require: by it whoever requires one is found. A row goes with that of the checkpoint that requires.
    /// </summary>
    public static readonly Table<Requirement> Requirements = Table<Requirement>.Of("requirements", isUnderSession: true, of => of
        .Column("required_sequence", r => r.Required, Key)
        .Column("sequence", r => r.Sequence, Key));

    public static readonly Table<NewAnnotation> Annotations = Table<NewAnnotation>.Of("annotations", isUnderSession: true, of => of
        .Column("sequence", a => a.Sequence, Key)
        .Column("position", a => a.Position, Key)
        .Column("at", a => a.At)
        .Column("severity", a => a.Severity)
        .Column("text", a => a.Text));

    /// <summary>The pending writes of steps, under the checkpoints that the steps began from. They go in steps, as the checkpoints' rows do.</summary>
    public static readonly Table<StoredWrite> PendingWrites = Table<StoredWrite>.Of("pending_writes", isUnderSession: true, of => of
        .Column("sequence", w => w.Sequence, Key)
        .Column("task", w => w.Task, Key)
        .Column("write_index", w => w.Index, Key)
        .Column("name", w => w.Name)
        .Column("content_type", w => w.ContentType)
        .Column("at", w => w.At)
        .Column("size", w => w.Size)
        .Column("checksum", w => w.Checksum)
        .Column("seal", w => w.Seal)
        .Column("value", w => w.Value, Heavy));

    /// <summary>What is not visible, whether or not its rows are gone.</summary>
    public static readonly Table<SequenceRange> RemovedRanges = Table<SequenceRange>.Of("removed_ranges", isUnderSession: true, of => of
        .Column("first_sequence", r => r.First, Key)
        .Column("last_sequence", r => r.Last, Key));

    /// <summary>
    /// Ranges in which each checkpoint that a compaction left had or has a child that went: trunks, as those that are marked by
    /// themselves.
    /// </summary>
    public static readonly Table<SequenceRange> TrunkRanges = Table<SequenceRange>.Of("trunk_ranges", isUnderSession: true, of => of
        .Column("first_sequence", r => r.First, Key)
        .Column("last_sequence", r => r.Last, Key));

    /// <summary>What stays of positions whose rows are gone.</summary>
    public static readonly Table<RemovedRun> RemovedRuns = Table<RemovedRun>.Of("removed_runs", isUnderSession: true, of => of
        .Column("first_position", r => r.FirstPosition, Key)
        .Column("last_position", r => r.LastPosition)
        .Column("creates", r => r.Creates)
        .Column("bytes", r => r.Bytes)
        .Column("last_sequence", r => r.LastSequence)
        .Column("chain", r => r.Chain)
        .Column("seal", r => r.Seal));

    /// <summary>What is known of the ancestors of removed checkpoints.</summary>
    public static readonly Table<RemovedLineage> Lineage = Table<RemovedLineage>.Of("lineage", isUnderSession: true, of => of
        .Column("first_sequence", l => l.First, Key)
        .Column("last_sequence", l => l.Last)
        .Column("ancestor_sequence", l => l.Ancestor)
        .Column("seal", l => l.Seal));

    public static readonly Table<SessionEvent> Events = Table<SessionEvent>.Of("events", isUnderSession: true, of => of
        .Column("position", e => e.Position, Key)
        .Column("kind", e => e.Kind)
        .Column("at", e => e.At)
        .Column("sequence", e => e.Sequence)
        .Column("last_sequence", e => e.LastSequence)
        .Column("detail", e => e.Detail)
        .Column("chain", e => e.Chain));

    public static readonly Table<RememberedRequest> Requests = Table<RememberedRequest>.Of("requests", isUnderSession: true, of => of
        .Column("id", r => r.Id, Key)
        .Column("at", r => r.At)
        .Column("kind", r => r.Kind)
        .Column("outcome", r => r.Outcome));

    /// <summary>The sessions that were forked, with the link to their origins. A row is the whole of what there is of a session.</summary>
    public static readonly Table<ForkLink> Forks = Table<ForkLink>.Of("forks", isUnderSession: true, of => of
        .Column("origin_key", f => f.OriginKey)
        .Column("origin_incarnation", f => f.OriginIncarnation)
        .Column("origin_session", f => f.Origin)
        .Column("origin_sequence", f => f.Sequence)
        .Column("origin_id", f => f.Id)
        .Column("origin_chain", f => f.Chain)
        .Column("forked_at", f => f.At));

    /// <summary>The effects of sessions, by their keys.</summary>
    public static readonly Table<StoredEffect> Effects = Table<StoredEffect>.Of("effects", isUnderSession: true, of => of
        .Column("effect_key", e => e.Key, Key)
        .Column("class", e => e.Class)
        .Column("state", e => e.State)
        .Column("epoch", e => e.Epoch)
        .Column("first_after", e => e.FirstAfter)
        .Column("after_sequence", e => e.After)
        .Column("begun_at", e => e.BegunAt)
        .Column("until", e => e.Until)
        .Column("changed_at", e => e.ChangedAt)
        .Column("position", e => e.Position)
        .Column("request", e => e.Request)
        .Column("target_key", e => e.TargetKey)
        .Column("digest", e => e.Digest)
        .Column("seal", e => e.Seal)
        .Column("request_text", e => e.RequestText, Heavy)
        .Column("content_type", e => e.ContentType, Heavy)
        .Column("result", e => e.Result, Heavy)
        .Column("reason", e => e.Reason, Heavy)
        .Column("resolved_by", e => e.ResolvedBy, Heavy)
        .Column("evidence", e => e.Evidence, Heavy));

    /// <summary>The keys by which callers come in.</summary>
    public static readonly Table<AccessKey> AccessKeys = Table<AccessKey>.Of("access_keys", isUnderSession: false, of => of
        .Column("key_id", k => k.Id, Key)
        .Column("tenant", k => k.Tenant)
        .Column("name", k => k.Name)
        .Column("scopes", k => k.Scopes)
        .Column("hash", k => k.Hash)
        .Column("created_at", k => k.CreatedAt)
        .Column("ends_at", k => k.EndsAt)
        .Column("revoked_at", k => k.RevokedAt)
        .Column("used_at", k => k.UsedAt));

    /// <summary>What was done that admins want to know of.</summary>
    public static readonly Table<AuditEntry> AuditLog = Table<AuditEntry>.Of("audit_log", isUnderSession: false, of => of
        .Column("tenant", a => a.Tenant, Key)
        .Column("position", a => a.Position, Key)
        .Column("at", a => a.At)
        .Column("act", a => a.Act)
        .Column("who", a => a.Who)
        .Column("target", a => a.Target)
        .Column("outcome", a => a.Outcome)
        .Column("detail", a => a.Detail));

    /// <summary>The wrapped keys by which what is stored of tenants is encrypted.</summary>
    public static readonly Table<StoredDataKey> DataKeys = Table<StoredDataKey>.Of("data_keys", isUnderSession: false, of => of
        .Column("tenant", k => k.Tenant, Key)
        .Column("key_number", k => k.Number, Key)
        .Column("wrapping_key", k => k.WrappingKey)
        .Column("wrapped", k => k.Wrapped)
        .Column("created_at", k => k.CreatedAt)
        .Column("destroyed_at", k => k.DestroyedAt));

    /// <summary>What is to be done. When it is due, and who has it, is only asked for by conditions.</summary>
    public static readonly Table<DueWork> DueWork = Table<DueWork>.Of("due_work", isUnderSession: false, of => of
        .Column("work_id", w => w.Id, Key | Given)
        .Column("kind", w => w.Kind)
        .Column("session_key", w => w.SessionKey)
        .Column("noted", w => w.Noted, Given)
        .Column("cursor", w => w.Cursor, Given)
        .Column("failures", w => w.Failures, Given));

    /// <summary>Work as it is noted.</summary>
    public static readonly Table<FoundWork> FoundWork = Table<FoundWork>.Of("due_work", isUnderSession: false, of => of
        .Column("kind", f => f.Kind)
        .Column("session_key", f => f.Key)
        .Column("due_at", f => f.DueAt));

    /// <summary>The one row of the background verification.</summary>
    public static readonly Table<VerificationRound> Verification = Table<VerificationRound>.Of("verification", isUnderSession: false, of => of
        .Column("next_at", r => r.NextAt)
        .Column("after_tenant", r => r.AfterTenant)
        .Column("after_session", r => r.AfterSession)
        .Column("started_at", r => r.StartedAt)
        .Column("sessions", r => r.Sessions)
        .Column("damaged", r => r.Damaged)
        .Column("unreadable", r => r.Unreadable)
        .Column("done_at", r => r.DoneAt)
        .Column("done_sessions", r => r.DoneSessions)
        .Column("done_damaged", r => r.DoneDamaged)
        .Column("done_unreadable", r => r.DoneUnreadable)
        .Column("damaged_sessions", r => r.DamagedSessions, ToJson, FromJson));

    private static Table<StoredCheckpoint>.Declaration OfCheckpoints(Table<StoredCheckpoint>.Declaration of) => of
        .Column("sequence", c => c.Sequence, Key)
        .Column("id", c => c.Id)
        .Column("created_at", c => c.CreatedAt)
        .Column("position", c => c.Position)
        .Column("parent_sequence", c => c.Parent)
        .Column("message", c => c.Message)
        .Column("tags", c => c.Tags, Rare)
        .Column("first_tags", c => c.FirstTags, Rare)
        .Column("trigger_kind", c => c.Trigger)
        .Column("content_type", c => c.ContentType)
        .Column("size", c => c.Size)
        .Column("checksum", c => c.Checksum)
        .Column("codec", c => c.Codec)
        .Column("base_sequence", c => c.Base)
        .Column("group_sequence", c => c.Group)
        .Column("stored_size", c => c.StoredSize)
        .Column("trunk", c => c.Trunk)
        .Column("chain", c => c.Chain)
        .Column("branch", c => c.Branch, Added | Rare)
        .Column(Requires, c => c.Requires, Added | Rare)
        .Column("stored", c => c.Stored, Heavy);

    private static string ToJson(IReadOnlyList<string> texts) => JsonSerializer.Serialize(texts);

    private static IReadOnlyList<string> FromJson(string json) => JsonSerializer.Deserialize<string[]>(json)!;
}
