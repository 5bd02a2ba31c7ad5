using Forge.Catalog;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Catalog;

/// <summary>Checks what callers search for, and turns it into what a store finds.</summary>
internal sealed class SearchRules(SessionRules rules)
{
    /// <summary>The most labels of one search.</summary>
    private const int MaxLabels = 16;

    /// <summary>The filter of a query, and the cursors of its pages.</summary>
    /// <exception cref="InvalidRequestException">A condition, the limit or the cursor is bad.</exception>
    /// <exception cref="OverLimitException">The limit is above the silo's, or a label is longer or there are more of them than can be.</exception>
    public (SessionFilter Filter, SearchCursor Cursors) Check(SessionQuery query)
    {
        RequireQuery(query);
        PageRules.Require(query.Limit, rules.Limits.PageItems);
        RequirePrefix("prefix", query.Prefix);
        if (!Enum.IsDefined(query.Order))
        {
            throw new InvalidRequestException("order", "must be name or activity");
        }

        if (query.ClaimOwner is { } owner)
        {
            ClaimRules.RequireOwner(owner);
        }

        var filter = new SessionFilter
        {
            Prefix = query.Prefix,
            Labels = CheckLabels(query.Labels),
            ActiveAfter = Up(query.ActiveAfter),
            ActiveBefore = query.ActiveBefore?.ToMicroseconds(),
            Branch = SessionRules.CheckBranch(query.Branch),
            ClaimOwner = query.ClaimOwner,
            Order = query.Order,
            Limit = query.Limit,
        };
        var cursors = SearchCursor.Of(filter);
        return (query.Cursor is null ? filter : filter with { After = cursors.ParseSession(query.Cursor) }, cursors);
    }

    /// <summary>The filter of a query, and the cursors of its pages.</summary>
    /// <exception cref="InvalidRequestException">A condition, the limit or the cursor is bad.</exception>
    /// <exception cref="OverLimitException">The limit is above the silo's, or the tag is longer than can be.</exception>
    public (CheckpointFilter Filter, SearchCursor Cursors) Check(CheckpointSearchQuery query)
    {
        RequireQuery(query);
        PageRules.Require(query.Limit, rules.Limits.PageItems);
        PageRules.Require(query.Order);
        RequirePrefix("session", query.SessionPrefix);
        rules.RequireTag(query.Tag);
        _ = query.Trigger?.ToName();
        if (query.Tag is null && query.Trigger is (null or CheckpointTrigger.Manual))
        {
            throw new InvalidRequestException(
                "tag", "must be given, or a trigger other than manual: nothing else is indexed across sessions");
        }

        var filter = new CheckpointFilter
        {
            Tag = query.Tag,
            Trigger = query.Trigger,
            From = Up(query.From),
            To = query.To?.ToMicroseconds(),
            Prefix = query.SessionPrefix,
            Order = query.Order,
            Limit = query.Limit,
        };
        var cursors = SearchCursor.Of(filter);
        return (query.Cursor is null ? filter : filter with { After = cursors.ParseCheckpoint(query.Cursor) }, cursors);
    }

    public static void RequireQuery(object? query)
    {
        if (query is null)
        {
            throw new InvalidRequestException("query", "must be given");
        }
    }

    public static void RequirePrefix(string field, string? prefix)
    {
        if (prefix is null || prefix.Length > SessionId.MaxLength || prefix.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new InvalidRequestException(
                field, $"must be at most {SessionId.MaxLength} characters of printable ASCII without space");
        }
    }

    public StoredLabel[] CheckLabels(IReadOnlyDictionary<string, string>? labels)
    {
        if (labels is null)
        {
            throw new InvalidRequestException("label", "must be given with a name and a value");
        }

        if (labels.Count > MaxLabels)
        {
            throw new OverLimitException("label", MaxLabels, labels.Count, "labels");
        }

        foreach (var (name, value) in labels)
        {
            rules.RequireLabel("label", name, value);
        }

        StoredLabel[] wanted = [.. labels.Select(l => new StoredLabel(l.Key, l.Value))];
        return Array.Find(wanted, l => l.Bytes > StoredLabel.MostBytes) is { Name: not null } large
            ? throw new OverLimitException("label", StoredLabel.MostBytes, large.Bytes, "bytes")
            : wanted;
    }

    /// <summary>The first time in whole microseconds that is not before another: stored times are whole ones.</summary>
    private static DateTimeOffset? Up(DateTimeOffset? time) =>
        time is not { } given ? null
        : given.UtcTicks % TimeSpan.TicksPerMicrosecond == 0 || given.UtcTicks > DateTimeOffset.MaxValue.UtcTicks - TimeSpan.TicksPerMicrosecond
            ? given.ToMicroseconds()
            : given.ToMicroseconds().AddMicroseconds(1);
}
