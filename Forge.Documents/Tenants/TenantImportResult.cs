namespace Forge.Documents.Tenants;

/// <summary>The answer to an import of many sessions. Each of them took effect by itself.</summary>
public sealed record TenantImportResult
{
    /// <summary>The most entries of each of the two lists; the counts go on beyond it.</summary>
    public const int MaxEntries = 1000;

    /// <summary>How many sessions got checkpoints.</summary>
    public long Imported { get; init; }

    /// <summary>How many had all of theirs already, the same.</summary>
    public long Skipped { get; init; }

    /// <summary>How many were refused, and not changed.</summary>
    public long Refused { get; init; }

    /// <summary>How many checkpoints were added.</summary>
    public long ImportedCheckpoints { get; init; }

    /// <summary>How many checkpoints were there already, the same.</summary>
    public long SkippedCheckpoints { get; init; }

    /// <summary>The first sessions that were imported or skipped, in the document's order.</summary>
    public IReadOnlyList<ImportedSession> Sessions { get; init; } = [];

    /// <summary>The first sessions that were refused, in the document's order.</summary>
    public IReadOnlyList<RefusedSession> Refusals { get; init; } = [];

    /// <summary>
    /// What is wrong with the document itself, as when it was cut off; null if it was read to its end. What came before
    /// took effect.
    /// </summary>
    public DocumentProblem? Problem { get; init; }
}

/// <summary>A session that was taken in.</summary>
/// <param name="Session">Its name.</param>
/// <param name="Imported">How many checkpoints were added.</param>
/// <param name="Skipped">How many were there already, the same.</param>
public sealed record ImportedSession(string Session, long Imported, long Skipped);

/// <summary>A session that was refused.</summary>
/// <param name="Session">Its name, as the document has it.</param>
/// <param name="Code">The stable name of the error: <c>import_rejected</c>, <c>limit_exceeded</c>, <c>session_deleted</c>
/// or <c>invalid_request</c>.</param>
/// <param name="Line">The line of the document, from 1; that of the session's header if the session as a whole is at fault.</param>
/// <param name="Problem">What is wrong.</param>
public sealed record RefusedSession(string Session, string Code, long Line, string Problem);

/// <summary>What is wrong with a document.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Problem">What is wrong.</param>
public sealed record DocumentProblem(long Line, string Problem);
