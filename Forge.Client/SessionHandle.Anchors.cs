using Forge.Client.Anchors;
using Forge.Errors;
using Forge.Integrity;

namespace Forge.Client;

public sealed partial class SessionHandle
{
    /// <summary>
    /// The newest anchor that any handle of the client was told of the session, by an answer or by <see cref="KeepAnchorAsync"/>; null for none, or if
    /// the client has let go of it for those of other sessions (<see cref="ForgeClientOptions.Anchors"/>). Kept outside of the process it can be
    /// given to the next one.
    /// </summary>
    public Anchor? NewestAnchor => _anchors?.Find(Address);

    /// <summary>
    /// Has the session's log held against an anchor from before, as one that another process was told, by this call and all that follow.
    /// </summary>
    /// <param name="anchor">The anchor.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="HistoryRewrittenException">The log does not contain it. Nothing is kept then.</exception>
    /// <exception cref="InvalidRequestException">It is none.</exception>
    public async Task KeepAnchorAsync(Anchor anchor, CancellationToken cancellationToken = default)
    {
        await ConfirmAsync(anchor, cancellationToken);
        _anchors?.Note(Address, anchor);
    }

    /// <summary>
    /// Accepts the history as it is: the client forgets what it was told of the session's log, and its calls raise no
    /// <see cref="HistoryRewrittenException"/> for what went. It keeps what it is told from here on.
    /// </summary>
    public void ForgetAnchor() => _anchors?.Forget(Address);

    /// <summary>Holds the log against what the client was told, before a call that can bring no anchor itself.</summary>
    private Task ConfirmNewestAsync(CancellationToken cancellationToken) =>
        NewestAnchor is { } anchor ? ConfirmAsync(anchor, cancellationToken) : Task.CompletedTask;

    private async Task ConfirmAsync(Anchor anchor, CancellationToken cancellationToken) => await _retrier.RunAsync(
        Reading,
        async (_, token) =>
        {
            await Grain.ConfirmAsync(anchor, token);
            return true;
        },
        cancellationToken);

    /// <summary>An answer, once its anchor is noted.</summary>
    private T Noted<T>(T answer)
    {
        if (_anchors is not null && AnswerAnchors.NewestOf(answer) is { } anchor)
        {
            _anchors.Note(Address, anchor);
        }

        return answer;
    }
}
