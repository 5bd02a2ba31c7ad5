using Forge.Documents.Sessions;

namespace Forge.Documents.Tenants;

/// <summary>What an export of many sessions wrote.</summary>
public sealed record TenantExportResult
{
    /// <summary>The most entries of <see cref="Partial"/>; the counts go on beyond it.</summary>
    public const int MaxEntries = 1000;

    /// <summary>How many sessions are in the document, whole or not.</summary>
    public long Sessions { get; init; }

    /// <summary>How many checkpoints are in it.</summary>
    public long Checkpoints { get; init; }

    /// <summary>How many sessions end before their time, for the reason that stands at their end. An import refuses them.</summary>
    public long Incomplete { get; init; }

    /// <summary>How many checkpoints, pending writes and effects were left out, since they are damaged. The sessions are whole without them.</summary>
    public long LeftOut { get; init; }

    /// <summary>The first sessions of which something is missing, in the document's order.</summary>
    public IReadOnlyList<PartialSession> Partial { get; init; } = [];
}

/// <summary>A session of which something is not in a document.</summary>
/// <param name="Session">Its name.</param>
/// <param name="Problem">Why it ends before its time; null if it does not.</param>
/// <param name="LeftOut">What was left out.</param>
public sealed record PartialSession(string Session, string? Problem, LeftOut LeftOut);
