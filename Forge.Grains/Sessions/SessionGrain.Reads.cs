using Forge.Checkpoints;
using Forge.History.Deltas;
using Forge.History.Stores;
using Forge.Sessions;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionGrain
{
    /// <inheritdoc/>
    public async Task<Checkpoint?> GetAsync(CheckpointReference checkpoint, CancellationToken cancellationToken)
    {
        var read = await Store.ReadCheckpointAsync(_address, checkpoint, CheckpointParts.All, cancellationToken);
        NoteVersion(read.Version);
        return read.Value is { } row ? CheckpointReader.ToCheckpoint(_address, row) : null;
    }

    /// <inheritdoc/>
    public async Task<CheckpointSummary?> GetSummaryAsync(CheckpointReference checkpoint, CancellationToken cancellationToken)
    {
        var read = await Store.ReadCheckpointAsync(_address, checkpoint, CheckpointParts.Summary, cancellationToken);
        NoteVersion(read.Version);
        return read.Value?.ToSummary();
    }

    /// <inheritdoc/>
    public async Task<CheckpointPage> ListAsync(CheckpointQuery query, CancellationToken cancellationToken)
    {
        var filter = _services.Rules.ToFilter(query);
        var read = await Store.ListAsync(_address, filter, cancellationToken);
        NoteVersion(read.Version);
        var items = read.Value.Take(query.Limit).Select(c => c.ToSummary()).ToArray();
        return new CheckpointPage(
            items, read.Value.Count > query.Limit ? PageCursor.Make(query.Order, items[^1].Sequence) : null);
    }

    /// <inheritdoc/>
    public async Task<SessionInfo?> GetInfoAsync(CancellationToken cancellationToken)
    {
        var read = await Store.ReadHeadAsync(_address, cancellationToken);
        NoteVersion(read?.Head.Version ?? 0);
        return read is { Head.DeletedAt: null } ? ToInfo(read) : null;
    }

    private SessionInfo ToInfo(HeadRead read) => SessionInfoReader.ToInfo(_address, read);

    /// <summary>
    /// The answer of a read comes from the database and is never stale; an activation that the database has overtaken is,
    /// and would have its next write refused. It steps down at once instead.
    /// </summary>
    private void NoteVersion(long version)
    {
        if (version > Engine.NewestVersion)
        {
            StepDown($"the database is at version {version}, this activation at {Engine.NewestVersion}");
        }
    }
}
