using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Forge.History.Changes;
using Forge.History.Stores;

namespace Forge.Benchmarks.Micro;

/// <summary>A store that commits nothing and says that it did. The writer calls nothing else of it.</summary>
[SuppressMessage("Performance", "CA1852", Justification = "The proxy is a type that is derived from it as it runs.")]
internal class NullStoreProxy : DispatchProxy
{
    public static IHistoryStore Make() => Create<IHistoryStore, NullStoreProxy>();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod?.Name == nameof(IHistoryStore.CommitAsync) && args is [CommitBatch batch, ..]
            ? Task.FromResult<IReadOnlyList<CommitOutcome>>(new CommitOutcome[batch.Commits.Count])
            : throw new NotSupportedException($"{targetMethod?.Name} is not what is measured.");
}
