using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Portability;
using Forge.Grains.Sessions;
using Forge.History.Chain;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Forks;

/// <summary>
/// What one fork reads of the session that it begins from, and what it stages for the new one. Staged rows that no commit has taken go when
/// it is disposed of; if it never is, since its silo died, the sweep removes them as it does those of an import.
/// </summary>
/// <param name="session">The session that is made.</param>
/// <param name="origin">The session that is forked.</param>
/// <param name="checkpoint">At which checkpoint.</param>
internal sealed partial class ForkCopy(LiveSession session, SessionAddress origin, CheckpointReference checkpoint) : IAsyncDisposable
{
    private const int GroupRows = 500;

    private long? _key;
    private StagedCheckpoints? _staged;
    private ForkLink? _link;

    /// <summary>The key that rows were staged under.</summary>
    public long Key => _key!.Value;

    /// <summary>True once a commit has taken what was staged.</summary>
    public bool IsTaken { get; set; }

    /// <summary>The stored bytes of the states that were staged.</summary>
    public long StoredBytes { get; private set; }

    private SessionServices Services => session.Services;

    /// <summary>
    /// At which checkpoint: what was named, until that was found, and from then on the one that was. So it stays the same one in all that is
    /// read, whatever becomes the latest or the current one meanwhile.
    /// </summary>
    private CheckpointReference Checkpoint => _link is { } link ? link.Id : checkpoint;

    /// <summary>The checkpoint with its state as it was saved.</summary>
    public async Task<ForkedPoint> ReadPointAsync(CancellationToken cancellationToken) =>
        Require(await Services.Forks.ReadPointAsync(origin, Checkpoint, cancellationToken));

    /// <summary>The checkpoint, and what its history comes to.</summary>
    public async Task<(ForkedPoint Point, PathSize Size)> MeasureAsync(CancellationToken cancellationToken)
    {
        using var slot = Services.Slots.EnterExport();
        await using var source = await Services.Forks.OpenAsync(origin, Checkpoint, cancellationToken);
        var point = Require(source?.Point);
        return (point, RequireSize(await source!.MeasureAsync(cancellationToken)));
    }

    /// <summary>Stages the checkpoint with its history, the first time that it is asked. Nobody who goes away ends it: a repeat waits for it.</summary>
    /// <exception cref="OverLimitException">There is more of it than may be copied.</exception>
    public async Task<StagedCheckpoints> StageAsync()
    {
        if (_staged is not null)
        {
            return _staged;
        }

        var started = Services.Time.GetTimestamp();
        using var reading = Services.Slots.EnterExport();
        using var writing = Services.Slots.EnterImport();
        await using var source = await Services.Forks.OpenAsync(origin, Checkpoint, CancellationToken.None);
        var point = Require(source?.Point);
        RequireSize(await source!.MeasureAsync(CancellationToken.None));
        var key = await RequireKeyAsync();

        var (group, groupBytes, links) = (new List<AnnotatedCheckpoint>(), 0L, HistoryChain.ImportGenesis(point.Link.Chain));
        var (count, bytes, lastNote, first, require) = (0L, 0L, 0L, (StoredCheckpoint?)null, false);
        var lines = new Dictionary<string, BranchLine>(StringComparer.Ordinal);
        await foreach (var (row, annotations) in source.ReadAsync(CancellationToken.None))
        {
            RequireInTime(started);
            links = HistoryChain.NextImported(links, row, row.Tags, row.Trunk, annotations);
            var copied = new AnnotatedCheckpoint(row with { Position = ++count, Chain = links }, annotations);
            group.Add(copied);
            var pointer = new CheckpointPointer(row.Sequence, row.Id);
            var branch = row.Branch ?? BranchNames.Main;
            lines[branch] = new BranchLine(pointer, pointer, lines.GetValueOrDefault(branch).Count + 1);
            (bytes, StoredBytes, groupBytes) = (bytes + row.Size, StoredBytes + row.StoredSize, groupBytes + ImportRun.WeightOf(copied, row.Stored.Length));
            lastNote = Math.Max(lastNote, annotations.Count == 0 ? 0 : annotations[^1].Position);
            first ??= row with { Stored = default };
            require |= row.Requires is not null;
            if (group.Count >= GroupRows || groupBytes >= Services.Writer.BatchBytes)
            {
                await StageAsync(key, group);
                (group, groupBytes) = ([], 0);
            }
        }

        await StageAsync(key, group);
        var last = new CheckpointPointer(point.Plain.Sequence, point.Plain.Id);
        return _staged = new StagedCheckpoints(
            key,
            first!.Sequence,
            last,
            last.Sequence,
            lastNote,
            first.CreatedAt,
            point.Plain.CreatedAt,
            lines,
            count,
            bytes,
            point.Settings,
            SessionCreatedAt: null,
            links,
            point.Link.Chain)
        {
            Origin = point.Link,
            Require = require,
            Effects = await StageEffectsAsync(point, last.Sequence - 1),
        };
    }

    /// <summary>The key that rows are staged under, from the first time that it is asked for.</summary>
    private async Task<long> RequireKeyAsync()
    {
        if (_key is not { } key)
        {
            key = await Services.Commits.NextSessionKeyAsync(CancellationToken.None);
            await Services.Staging.BeginAsync(key, session.WorkTime + Services.Retention.AbandonedImport, CancellationToken.None);
            _key = key;
        }

        return key;
    }

    public async ValueTask DisposeAsync()
    {
        if (_key is not { } key || IsTaken)
        {
            return;
        }

        try
        {
            // If a commit took the rows after all, there is no work any more that this could make due.
            await Services.Staging.DiscardAsync(key, CancellationToken.None);
        }
        catch (ForgeException)
        {
            // The sweep finds them when their time is up.
        }
    }

    /// <summary>What was read, as far as it can be forked.</summary>
    private ForkedPoint Require(ForkPoint? found)
    {
        if (found is null)
        {
            throw new SessionNotFoundException(origin);
        }

        var (head, read) = found;
        if (head.DeletedAt is not null || (_link is { } link && (link.OriginKey, link.OriginIncarnation) != (head.Key, head.Incarnation)))
        {
            throw new SessionDeletedException(origin);
        }

        var stored = read ?? throw new CheckpointNotFoundException(origin, Checkpoint.ToString());
        var row = stored.Row;
        var point = new ForkedPoint(
            row with { Codec = StateCodec.Plain, Base = null, Group = null, Stored = CheckpointReader.ToState(origin, stored) },
            head.Settings,
            new ForkLink
            {
                OriginKey = head.Key,
                OriginIncarnation = head.Incarnation,
                Origin = origin.Session.Value,
                Sequence = row.Sequence,
                Id = row.Id,
                Chain = row.Chain,
                At = session.Now,
            });
        (_link, _hadEffects) = (_link ?? point.Link, head.EffectCount > 0);
        return point;
    }

    private async Task StageAsync(long key, List<AnnotatedCheckpoint> group)
    {
        try
        {
            await Services.Staging.StageAsync(session.Address, key, group, CancellationToken.None);
        }
        catch (BatchRejectedException exception)
        {
            throw new UnavailableException("The database refused to stage what is copied for a fork; nothing was changed.", exception);
        }
    }

    /// <summary>What is copied is written beside the snapshot that it is read in, which the database cannot clear up behind meanwhile.</summary>
    private PathSize RequireSize(PathSize size) => size.StoredBytes <= Services.Limits.ForkBytes
        ? size
        : throw new OverLimitException("withHistory", Services.Limits.ForkBytes, size.StoredBytes, "stored bytes");

    /// <summary>It holds a snapshot and what the database keeps for that, as an export does.</summary>
    private void RequireInTime(long started)
    {
        var (limit, elapsed) = (Services.Limits.ExportDuration, Services.Time.GetElapsedTime(started));
        if (elapsed > limit)
        {
            throw new OverLimitException("fork", (long)limit.TotalSeconds, (long)Math.Ceiling(elapsed.TotalSeconds), "seconds");
        }
    }
}

/// <summary>The checkpoint that a session is forked at.</summary>
/// <param name="Plain">Its row with its state as it was saved.</param>
/// <param name="Settings">The settings of its session; null for none.</param>
/// <param name="Link">The link to it.</param>
internal sealed record ForkedPoint(StoredCheckpoint Plain, string? Settings, ForkLink Link);
