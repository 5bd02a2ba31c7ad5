using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Stores;

/// <summary>What verification reads, and how far the background verification of all sessions has come.</summary>
internal interface IVerification
{
    /// <summary>
    /// Opens all that is stored of a session as it is now, for verification. Null if there is no such session or it is
    /// deleted. Holds a connection until it is disposed.
    /// </summary>
    Task<IStoredSession?> OpenStoredAsync(SessionAddress address, CancellationToken cancellationToken);

    /// <summary>
    /// Takes the background verification, if its next step is due and nobody holds it, for <paramref name="lease"/> long;
    /// null if it is not to be had.
    /// </summary>
    Task<VerificationRound?> ClaimRoundAsync(
        string owner, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>
    /// Writes how far the background verification came, and holds it until a time, or lets go of it if that is null.
    /// </summary>
    /// <returns>False, and nothing is written, if somebody else holds it by now.</returns>
    Task<bool> SaveRoundAsync(
        string owner, VerificationRound round, DateTimeOffset? heldUntil, CancellationToken cancellationToken);

    /// <summary>How far the background verification has come, and what its last round found.</summary>
    Task<VerificationRound> ReadRoundAsync(CancellationToken cancellationToken);
}
