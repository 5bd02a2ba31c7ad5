using System.Buffers;
using Forge.Checkpoints;
using Forge.Documents.Earlier;
using Forge.Documents.Sessions;
using Forge.Errors;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Rules;

/// <summary>Checks what callers give against the limits, and turns it into what the engine takes.</summary>
internal sealed class SessionRules(LimitsOptions limits)
{
    private const int ContentTypeCharacters = 255;
    private const int IdempotencyKeyCharacters = 200;
    private const int LabelValueCharacters = 256;

    private static readonly TimeSpan LongestAge = TimeSpan.FromDays(36_500);

    private static readonly SearchValues<char> Printable =
        SearchValues.Create(Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).ToArray());

    // A byte of text can take six in JSON, as in \u0001.
    private const int Escaped = 6;
    private const int LineFrame = 64 * 1024;

    public LimitsOptions Limits => limits;

    /// <summary>
    /// Checks a request. One that is over a limit may have been taken under another limit, so if it may be a repeat it is checked
    /// by the rules of any limits, and is to be refused once it is known to be none.
    /// </summary>
    /// <param name="mayBeRepeat">True if it may be a repeat.</param>
    /// <param name="check">Checks it by some rules.</param>
    /// <returns>What was checked, and what to refuse it with; null for nothing.</returns>
    public (T Checked, OverLimitException? OverLimit) Check<T>(bool mayBeRepeat, Func<SessionRules, T> check)
    {
        try
        {
            return (check(this), null);
        }
        catch (OverLimitException overLimit) when (mayBeRepeat)
        {
            return (check(OfAnyLimits), overLimit);
        }
    }

    /// <summary>
    /// What holds for what may have been saved under other limits, as what an import brings: it is refused only if no silo could have
    /// saved it.
    /// </summary>
    public static SessionRules OfAnyLimits { get; } = new(LimitsOptions.Widest);

    /// <summary>The longest line of a document that these limits leave room for, in bytes: a state in base64, and every text
    /// around it escaped.</summary>
    public long LongestLine => LineOf(limits.StateBytes, limits.Annotations);

    /// <summary>
    /// What bounds the reading of a document that is imported now: lines with the greatest state that there can be, and room
    /// for what notes made at the same moment came to.
    /// </summary>
    public DocumentLimits ToDocument(DateTimeOffset now) => new()
    {
        LineBytes = Math.Max(
            LineOf(LimitsOptionsValidator.MaxBytes, limits.Annotations * 2L),
            new SessionRules(new LimitsOptions()).LineOf(LimitsOptionsValidator.MaxBytes, 512)),
        UsualLineBytes = LongestLine,
        Tags = LimitsOptions.Widest.Tags,
        Annotations = LimitsOptions.Widest.Annotations,
        Branches = LimitsOptions.Widest.Branches,
        Requires = LimitsOptions.Widest.Requires,
        Effects = LimitsOptions.Widest.Effects,
        Now = now,
    };

    /// <summary>What bounds the conversion of a document of the earlier tool.</summary>
    public EarlierLimits ToEarlier() => new(LongestLine, limits.Tags, limits.ImportBytes)
    {
        Require = checkpoint => RequireNew(checkpoint.Message, checkpoint.Tags, checkpoint.State.Length, null),
    };

    /// <summary>Checks what a document brings that no silo has taken before.</summary>
    /// <param name="message">The message; null or empty for one that is made.</param>
    /// <param name="tags">The tags.</param>
    /// <param name="stateLength">The bytes of the state.</param>
    /// <param name="stateBytes">The greatest state of the tenant; null for the silo's limit alone.</param>
    public void RequireNew(string? message, IReadOnlyList<string> tags, int stateLength, int? stateBytes)
    {
        RequireState(stateLength, stateBytes);
        CheckTags("tags", tags);
        if (!string.IsNullOrEmpty(message))
        {
            TextRules.RequireBytes("message", message, limits.MessageBytes);
        }
    }

    /// <summary>A create, checked, with its id and checksum.</summary>
    /// <param name="address">The session.</param>
    /// <param name="checkpoint">What the caller gave.</param>
    /// <param name="stateBytes">The greatest state of the tenant; null for the silo's limit alone.</param>
    /// <param name="newId">Makes an id if the caller gave none.</param>
    /// <param name="line">Its place in its batch; null if it was sent alone.</param>
    public CreateCommand ToCommand(
        SessionAddress address, NewCheckpoint checkpoint, int? stateBytes, Func<CheckpointId> newId, int? line = null)
    {
        if (checkpoint is null)
        {
            throw new InvalidRequestException("checkpoint", "must be given");
        }

        TextRules.RequireBytes("message", checkpoint.Message, limits.MessageBytes);
        RequireContentType(checkpoint.ContentType);
        _ = checkpoint.Trigger.ToName();
        var tags = CheckTags("tags", checkpoint.Tags);
        RequireState(checkpoint.State.Length, stateBytes);
        if (checkpoint.ExpectedHead < 0)
        {
            throw new InvalidRequestException("expectedHead", "must not be negative");
        }

        var given = !checkpoint.Id.IsEmpty || checkpoint.IdempotencyKey is not null;
        var input = checkpoint with
        {
            Id = IdOf(address, checkpoint, newId),
            FirstAttempt = checkpoint.FirstAttempt || !given,
            Tags = tags,
            Branch = CheckBranch(checkpoint.Branch),
        };
        return new CreateCommand(input, StateHash.ChecksumOf(checkpoint.State))
        {
            Line = line,
            Requires = RequiredRules.Check(checkpoint.Requires, limits.Requires),
            Writes = WriteRules.Check(checkpoint, limits),
        };
    }

    /// <summary>Checks that a batch is neither empty nor too large, and names no id twice.</summary>
    public void RequireBatch(IReadOnlyList<NewCheckpoint> checkpoints)
    {
        if (checkpoints is null or [])
        {
            throw new InvalidRequestException("checkpoints", "must not be empty");
        }

        if (checkpoints.Count > limits.BatchRecords)
        {
            throw new OverLimitException("checkpoints", limits.BatchRecords, checkpoints.Count, "records");
        }

        var bytes = checkpoints.Sum(c => (long)(c?.State.Length ?? 0));
        if (checkpoints.Count > 1 && bytes > limits.BatchBytes)
        {
            throw new OverLimitException("checkpoints", limits.BatchBytes, bytes, "bytes");
        }

        WriteRules.RequireTogether(checkpoints, limits);
    }

    /// <summary>The tags without repeats, in their order.</summary>
    public IReadOnlyList<string> CheckTags(string field, IReadOnlyList<string>? tags)
    {
        if (tags is null or [])
        {
            return [];
        }

        foreach (var tag in tags)
        {
            TextRules.RequireCharacters(field, tag, limits.TagCharacters);
        }

        var distinct = tags.Distinct(StringComparer.Ordinal).ToArray();
        return distinct.Length <= limits.Tags
            ? distinct
            : throw new OverLimitException(field, limits.Tags, distinct.Length, "tags");
    }

    public void RequireAnnotation(AnnotationSeverity severity, string text)
    {
        if (!Enum.IsDefined(severity))
        {
            throw new InvalidRequestException("severity", "must be info, warning or critical");
        }

        TextRules.RequireBytes("text", text, limits.AnnotationBytes);
    }

    /// <summary>Checks that a checkpoint has room for one more annotation.</summary>
    public void RequireRoomForAnnotation(int count)
    {
        if (count >= limits.Annotations)
        {
            throw new OverLimitException("annotations", limits.Annotations, count + 1L, "annotations");
        }
    }

    /// <summary>The filter of a query, and how many of what it finds are shown: it finds one more, to tell if there is a next page.</summary>
    public ListFilter ToFilter(CheckpointQuery query)
    {
        if (query is null)
        {
            throw new InvalidRequestException("query", "must be given");
        }

        PageRules.Require(query.Limit, limits.PageItems);
        PageRules.Require(query.Order);
        RequireTag(query.Tag);
        _ = query.Trigger?.ToName();
        var branch = query.Branch is null ? null : BranchNames.Require(query.Branch);
        if (query.After < 0 || query.Before < 0)
        {
            throw new InvalidRequestException(query.After < 0 ? "after" : "before", "must not be negative");
        }

        var (after, before) = (query.After ?? 0, query.Before ?? long.MaxValue);
        if (query.Cursor is not null)
        {
            var last = PageCursor.Parse(query.Cursor, query.Order);
            (after, before) = query.Order == ListOrder.OldestFirst
                ? (Math.Max(after, last), before)
                : (after, Math.Min(before, last));
        }

        return new ListFilter
        {
            Tag = query.Tag,
            Trigger = query.Trigger,
            Branch = branch,
            After = after,
            Before = before,
            From = query.From?.ToUniversalTime(),
            To = query.To?.ToUniversalTime(),
            Order = query.Order,
            Limit = query.Limit + 1,
        };
    }

    /// <summary>The name of a branch, checked; null for main.</summary>
    public static string? CheckBranch(string? branch) =>
        branch is null or BranchNames.Main ? null : BranchNames.Require(branch);

    /// <summary>Checks a tag that is searched for; null for none.</summary>
    public void RequireTag(string? tag)
    {
        if (tag is not null)
        {
            TextRules.RequireCharacters("tag", tag, limits.TagCharacters);
        }
    }

    public void RequireLabel(string field, string name, string value)
    {
        TextRules.RequireCharacters(field, name, limits.TagCharacters);
        TextRules.RequireCharacters(field, value, LabelValueCharacters);
    }

    public RetentionPolicy CheckPolicy(RetentionPolicy policy)
    {
        var tags = CheckTags("keepTags", policy.KeepTags);
        if (policy.KeepRecent is null && tags.Count == 0 && policy.KeepYoungerThan is null)
        {
            throw new InvalidRequestException("policy", "must say what to keep: keepRecent, keepTags or keepYoungerThan");
        }

        if (policy.KeepRecent < 0)
        {
            throw new InvalidRequestException("keepRecent", "must not be negative");
        }

        return policy.KeepYoungerThan is { } age && (age <= TimeSpan.Zero || age > LongestAge)
            ? throw new InvalidRequestException("keepYoungerThan", "must be more than zero and at most 36500 days")
            : policy with { KeepTags = tags };
    }

    public SessionSettings CheckSettings(SessionSettings? settings)
    {
        if (settings?.Labels is null)
        {
            throw new InvalidRequestException("settings", "must be given");
        }

        if (settings.Labels.Count > limits.Labels)
        {
            throw new OverLimitException("labels", limits.Labels, settings.Labels.Count, "labels");
        }

        foreach (var (name, value) in settings.Labels)
        {
            RequireLabel("labels", name, value);
        }

        RequireInterval(settings.AutomaticInterval);
        RequireTimeToLive(settings.TimeToLive);
        ScheduleRules.Require(settings.Schedule);
        return settings.Retention is null ? settings : settings with { Retention = CheckPolicy(settings.Retention) };
    }

    public static bool IsTimeToLive(TimeSpan? life) => life is null || (life > TimeSpan.Zero && life <= LongestAge);

    public static void RequireTimeToLive(TimeSpan? life)
    {
        if (!IsTimeToLive(life))
        {
            throw new InvalidRequestException("timeToLive", "must be more than zero and at most 36500 days");
        }
    }

    public static void RequireInterval(TimeSpan? interval)
    {
        if (interval < TimeSpan.Zero || interval > TimeSpan.FromDays(365))
        {
            throw new InvalidRequestException("automaticInterval", "must be from zero to 365 days");
        }
    }

    public static void RequireContentType(string? contentType)
    {
        TextRules.RequireCharacters("contentType", contentType, ContentTypeCharacters);
        if (contentType.AsSpan().ContainsAnyExcept(Printable))
        {
            throw new InvalidRequestException("contentType", "must be printable ASCII");
        }

        // Read back, it would say that it is not the state.
        if (contentType!.StartsWith(StateDifference.MediaType, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidRequestException("contentType", $"must not be {StateDifference.MediaType}, which is of no whole state");
        }
    }

    /// <summary>Checks the length of a state.</summary>
    /// <param name="length">Its bytes.</param>
    /// <param name="stateBytes">The greatest state of the tenant; null for the silo's limit alone.</param>
    public void RequireState(int length, int? stateBytes)
    {
        if (length == 0)
        {
            throw new InvalidRequestException("state", "must not be empty");
        }

        var limit = Math.Min(limits.StateBytes, stateBytes ?? int.MaxValue);
        if (length > limit)
        {
            throw new OverLimitException("state", limit, length, "bytes");
        }
    }

    private long LineOf(long stateBytes, long annotations) =>
        ((stateBytes + 2) / 3 * 4)
        + ((long)limits.MessageBytes * Escaped)
        + (2L * limits.Tags * limits.TagCharacters * Escaped)
        + (annotations * (((long)limits.AnnotationBytes * Escaped) + 256))
        + LineFrame;

    private static CheckpointId IdOf(SessionAddress address, NewCheckpoint checkpoint, Func<CheckpointId> newId)
    {
        if (checkpoint.IdempotencyKey is not { } key)
        {
            return checkpoint.Id.IsEmpty ? newId() : checkpoint.Id;
        }

        if (!checkpoint.Id.IsEmpty)
        {
            throw new InvalidRequestException("idempotencyKey", "must not be given together with an id");
        }

        TextRules.RequireCharacters("idempotencyKey", key, IdempotencyKeyCharacters);
        return CheckpointId.FromIdempotencyKey(address, key);
    }
}
