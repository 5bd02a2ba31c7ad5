using Forge.Errors;
using Forge.Grains.Sessions;
using Forge.History.Rows;
using Forge.Identity;
using Forge.Portability;

namespace Forge.Grains.Portability;

/// <summary>A document that arrives in pieces cut anywhere, and gives checkpoints. One caller at a time.</summary>
internal interface IImportDocument : IDisposable
{
    /// <summary>What it says of its session; known before the first checkpoint is given.</summary>
    DocumentHeader? Header { get; }

    /// <summary>What was changed on the way in; null where nothing can be.</summary>
    EarlierImportReport? Report { get; }

    /// <summary>Reads the next piece.</summary>
    /// <param name="piece">The bytes; not used after the returned task has completed.</param>
    /// <param name="add">Takes the checkpoints that it completes, by rising sequence.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ImportRejectedException">The document is broken.</exception>
    Task ReadAsync(ReadOnlyMemory<byte> piece, Func<StoredCheckpoint, Task> add, CancellationToken cancellationToken);

    /// <summary>Says that the document ended.</summary>
    /// <exception cref="ImportRejectedException">It is broken, or shorter or longer than it says.</exception>
    Task EndAsync(Func<StoredCheckpoint, Task> add, CancellationToken cancellationToken);
}

/// <summary>What documents are read by.</summary>
/// <param name="Address">The session that is imported into.</param>
/// <param name="Rules">The limits of the silo.</param>
/// <param name="StateBytes">The greatest state of the tenant; null for the silo's limit alone.</param>
/// <param name="Now">The time that nothing in a document may be much later than.</param>
internal sealed record ImportRules(
    SessionAddress Address, SessionRules Rules, int? StateBytes, DateTimeOffset Now)
{
    /// <summary>The latest time that is taken.</summary>
    public DateTimeOffset Latest => Now + SessionDocument.ClockTolerance;
}
