using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.Sessions;

/// <summary>Staging that does what another does, unless a test says otherwise.</summary>
internal sealed class ScriptedStaging(IStaging inner) : IStaging
{
    private readonly List<long> _keys = [];

    /// <summary>The keys that staging was begun under.</summary>
    public IReadOnlyList<long> Keys => _keys;

    /// <summary>Stands before rows are staged; null for nothing.</summary>
    public Func<Task>? OnStage { get; set; }

    /// <summary>Stands before what was staged is given up; null for nothing.</summary>
    public Func<Task>? OnDiscard { get; set; }

    public Task BeginAsync(long key, DateTimeOffset abandonedAt, CancellationToken cancellationToken)
    {
        _keys.Add(key);
        return inner.BeginAsync(key, abandonedAt, cancellationToken);
    }

    public async Task StageAsync(
        SessionAddress session, long key, IReadOnlyList<AnnotatedCheckpoint> checkpoints, CancellationToken cancellationToken)
    {
        await (OnStage?.Invoke() ?? Task.CompletedTask);
        await inner.StageAsync(session, key, checkpoints, cancellationToken);
    }

    public Task StageWritesAsync(SessionAddress session, long key, IReadOnlyList<StoredWrite> writes, CancellationToken cancellationToken) =>
        inner.StageWritesAsync(session, key, writes, cancellationToken);
    public Task StageEffectsAsync(long key, IReadOnlyList<StoredEffect> effects, CancellationToken cancellationToken) =>
        inner.StageEffectsAsync(key, effects, cancellationToken);

    public Task<Versioned<Requirement?>> FindUnmetAsync(long key, SessionAddress session, CancellationToken cancellationToken) =>
        inner.FindUnmetAsync(key, session, cancellationToken);

    public async Task DiscardAsync(long key, CancellationToken cancellationToken)
    {
        await (OnDiscard?.Invoke() ?? Task.CompletedTask);
        await inner.DiscardAsync(key, cancellationToken);
    }
}
