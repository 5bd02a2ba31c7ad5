using Forge.Errors;
using Forge.Portability;

namespace Forge.Documents.Imports;

/// <summary>The calls of one import into one session, made one after another.</summary>
internal interface ISessionImport
{
    /// <summary>Begins it.</summary>
    /// <returns>What the session knows it by, with the time there.</returns>
    Task<ImportTicket> BeginAsync(CancellationToken cancellationToken);

    /// <summary>Sends the next piece.</summary>
    /// <param name="piece">The bytes, which nobody may change afterwards: a call that was given up may still read them.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ImportRejectedException">The document is broken.</exception>
    Task AppendAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken);

    /// <summary>Ends it and makes it visible. After a failure nothing is left of it, or nobody can know.</summary>
    /// <exception cref="ImportRejectedException">The document is broken, or does not fit.</exception>
    Task<ImportResult> CompleteAsync(CancellationToken cancellationToken);

    /// <summary>Gives it up before its end. Never fails: what the import failed with is what the caller has to see.</summary>
    Task AbandonAsync();
}
