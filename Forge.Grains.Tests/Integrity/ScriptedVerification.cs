using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.Integrity;

/// <summary>Does what another does, unless a test says otherwise.</summary>
internal sealed class ScriptedVerification(IVerification inner) : IVerification
{
    /// <summary>Stands before a session is opened.</summary>
    public Func<SessionAddress, Task> OnOpen { get; init; } = _ => Task.CompletedTask;

    /// <summary>Stands around every session that is opened.</summary>
    public Func<IStoredSession, IStoredSession> OnOpened { get; init; } = session => session;

    /// <summary>Stands before a round is saved.</summary>
    public Func<Task> OnSave { get; init; } = () => Task.CompletedTask;

    public async Task<IStoredSession?> OpenStoredAsync(SessionAddress address, CancellationToken cancellationToken)
    {
        await OnOpen(address);
        return await inner.OpenStoredAsync(address, cancellationToken) is { } session ? OnOpened(session) : null;
    }

    public Task<VerificationRound?> ClaimRoundAsync(
        string owner, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken) =>
        inner.ClaimRoundAsync(owner, now, lease, cancellationToken);

    public async Task<bool> SaveRoundAsync(
        string owner, VerificationRound round, DateTimeOffset? heldUntil, CancellationToken cancellationToken)
    {
        await OnSave();
        return await inner.SaveRoundAsync(owner, round, heldUntil, cancellationToken);
    }

    public Task<VerificationRound> ReadRoundAsync(CancellationToken cancellationToken) => inner.ReadRoundAsync(cancellationToken);
}
