namespace Forge.Cli.Http;

/// <summary>A checkpoint, as HTTP tells of it. <c>docs/http.md</c> says what each property is.</summary>
internal sealed record CheckpointShape(
    string Id, long Sequence, DateTimeOffset CreatedAt, long? Parent, long? KeptParent, string? Branch, string Message, IReadOnlyList<string> Tags,
    string Trigger, string ContentType, long Size, string Checksum, long? Position, string? Chain)
{
    public IReadOnlyList<long>? Requires { get; init; }

    public IReadOnlyList<AnnotationShape>? Annotations { get; init; }
}

/// <summary>A note on a checkpoint.</summary>
internal sealed record AnnotationShape(long Position, DateTimeOffset At, string Severity, string Text);

/// <summary>A checkpoint by both of its names.</summary>
internal sealed record PointerShape(long Sequence, string Id);

/// <summary>A restore, or what it would come to.</summary>
internal sealed record RestoreShape(CheckpointShape? Checkpoint, PointerShape? Undo, CheckpointShape? Saved, EffectsAfterShape EffectsAfter)
{
    public DifferenceShape? Difference { get; init; }
}

/// <summary>The effects that came after a point.</summary>
internal sealed record EffectsAfterShape(IReadOnlyList<EffectShape> Items, long Count, bool More);

/// <summary>An effect.</summary>
internal sealed record EffectShape(string Key, string Class, string Status)
{
    public long Epoch { get; init; }

    public DateTimeOffset? BegunAt { get; init; }

    public DateTimeOffset? Until { get; init; }

    public DateTimeOffset? ChangedAt { get; init; }

    public string? TargetKey { get; init; }
}

/// <summary>What differs between two states.</summary>
internal sealed record DifferenceShape(long? FirstDifference)
{
    public CheckpointShape? From { get; init; }

    public CheckpointShape? To { get; init; }

    public bool Coarse { get; init; }

    public PatchSummaryShape? Summary { get; init; }

    public NotComparedShape? NotCompared { get; init; }
}

/// <summary>A patch in numbers.</summary>
internal sealed record PatchSummaryShape(long Added, long Removed, long Changed, long Moved);

/// <summary>Why two states were not compared as JSON.</summary>
internal sealed record NotComparedShape(string Reason, string Problem);

/// <summary>A session.</summary>
internal sealed record SessionShape(
    string Session, string Tenant, DateTimeOffset CreatedAt, DateTimeOffset ActiveAt, long Count, long Bytes, PointerShape? Head, PointerShape? Current,
    long LastSequence, long LastPosition, SettingsShape Settings, string? Chain, ClaimShape? Claim, OriginShape? Origin, int? ForkCount);

/// <summary>The settings of a session.</summary>
internal sealed record SettingsShape(
    IReadOnlyDictionary<string, string> Labels, string? AutomaticInterval, RetentionShape? Retention, string? TimeToLive, ScheduleShape? Schedule);

/// <summary>What is kept.</summary>
internal sealed record RetentionShape(long? KeepRecent, IReadOnlyList<string>? KeepTags, string? KeepYoungerThan);

/// <summary>When a checkpoint is due.</summary>
internal sealed record ScheduleShape(string? Every, bool OnError, bool OnToolCall);

/// <summary>Who has a session.</summary>
internal sealed record ClaimShape(long Epoch, string? Owner, DateTimeOffset? Until);

/// <summary>The checkpoint that a session was forked from.</summary>
internal sealed record OriginShape(string Session, long Sequence, bool Gone);

/// <summary>A branch.</summary>
internal sealed record BranchShape(string Branch, PointerShape? Head, PointerShape? Current, long Count)
{
    public IReadOnlyList<PointerShape>? Tips { get; init; }

    public long? TipCount { get; init; }
}

/// <summary>The branches of a session.</summary>
internal sealed record BranchesShape(IReadOnlyList<BranchShape> Items);

/// <summary>A fork, or what it would come to.</summary>
internal sealed record ForkShape(string Session, OriginShape Origin, PointerShape? Head, long Count, long Bytes, long? StoredBytes, EffectsAfterShape EffectsAfter);

/// <summary>A compaction, or what it would come to.</summary>
internal sealed record CompactShape(long Deleted, long Remaining, long FreedBytes);

/// <summary>A clear.</summary>
internal sealed record ClearShape(long Deleted);

/// <summary>A revival.</summary>
internal sealed record ReviveShape(int Life, long LastSequence);

/// <summary>What a verification found.</summary>
internal sealed record VerifyShape(
    long Valid, long Invalid, IReadOnlyList<DamageShape> Damages, IReadOnlyList<AnchorShape> Anchors, long Removed, long Unchained, long? Position, string? Chain,
    long Unopened = 0);

/// <summary>What is not as it was written.</summary>
internal sealed record DamageShape(string Kind, long? Position, long? Sequence, string Problem);

/// <summary>What became of an anchor.</summary>
internal sealed record AnchorShape(long Position, string Chain, string Outcome);

/// <summary>A line of the verification of all sessions; the last one has no session.</summary>
internal sealed record VerifiedLineShape(string? Session, long Valid, long Invalid, DamageShape? FirstInvalid, long? Sessions, long? Damaged);

/// <summary>What an import of one session did.</summary>
internal sealed record ImportShape(long Imported, long Skipped, long Early, long Effects);

/// <summary>What an import of many sessions did.</summary>
internal sealed record TenantImportShape(
    long Imported, long Skipped, long Refused, long ImportedCheckpoints, long SkippedCheckpoints, IReadOnlyList<RefusalShape>? Refusals);

/// <summary>A session that an import passed over.</summary>
internal sealed record RefusalShape(string Session, string? Code, long? Line, string? Problem);

/// <summary>An event of a session's log.</summary>
internal sealed record EventShape(long Position, string Kind, DateTimeOffset At)
{
    public long? Sequence { get; init; }

    public string? Branch { get; init; }

    public string? Message { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public string? Trigger { get; init; }

    public long? Size { get; init; }

    public long? Undo { get; init; }

    public string? Severity { get; init; }

    public string? Text { get; init; }

    public long? Epoch { get; init; }

    public string? Owner { get; init; }

    public DateTimeOffset? Until { get; init; }

    public OriginShape? Origin { get; init; }

    public long? Deleted { get; init; }

    public long? Remaining { get; init; }

    public long? First { get; init; }

    public long? Last { get; init; }

    public long? Count { get; init; }

    public IReadOnlyList<WriteShape>? Writes { get; init; }

    public EventEffectShape? Effect { get; init; }
}

/// <summary>A pending write, as its event tells of it.</summary>
internal sealed record WriteShape(string Task, int Index, string Name);

/// <summary>What happened to an effect.</summary>
internal sealed record EventEffectShape(string Key, string Class, long Epoch, string? Verdict, string? By, string? Reason);

/// <summary>A page of a session's log.</summary>
internal sealed record EventPageShape(IReadOnlyList<EventShape> Items, long? Next, long Last);

/// <summary>An event of the tenant's feed.</summary>
internal sealed record FeedEventShape(string Session, EventShape Event, string Cursor);

/// <summary>A checkpoint that a search found.</summary>
internal sealed record FoundShape(string Session, CheckpointShape Checkpoint);

/// <summary>A key; the key itself is told once, when it is made.</summary>
internal sealed record KeyShape(string Id, string Name, IReadOnlyList<string> Scopes)
{
    public string? Tenant { get; init; }

    public DateTimeOffset? Created { get; init; }

    public DateTimeOffset? Ends { get; init; }

    public string? Key { get; init; }
}

/// <summary>An entry of the audit.</summary>
internal sealed record AuditEntryShape(long Position, DateTimeOffset At, string Act, string Who, string Target, string Outcome, string? Detail);

/// <summary>A page of the audit.</summary>
internal sealed record AuditPageShape(IReadOnlyList<AuditEntryShape> Items, long Next);

/// <summary>Whom the silo takes the caller for.</summary>
internal sealed record WhoShape(string Tenant, string? Name, IReadOnlyList<string>? Scopes, DateTimeOffset? Ends);

/// <summary>Nothing that is looked at.</summary>
internal sealed record NothingShape;
