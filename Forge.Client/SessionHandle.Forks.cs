using System.Runtime.CompilerServices;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Client;

public sealed partial class SessionHandle
{
    /// <summary>
    /// Makes a new session of the tenant that begins with the state that this one had at a checkpoint, with this one's settings and a link
    /// to it. This session is read at one instant, and not changed; the new one is there as a whole or not at all.
    /// </summary>
    /// <param name="checkpoint">Which checkpoint, any visible one.</param>
    /// <param name="session">The name of the session to make.</param>
    /// <param name="withHistory">
    /// True to have the checkpoint itself with all its visible ancestors, with their ids, sequences, times, tags and annotations; else the
    /// new session has one checkpoint, with an id of its own, whatever the length of this one.
    /// </param>
    /// <param name="dryRun">True to be told what would be made, with nothing changed.</param>
    /// <param name="options">The request id, and what to do about effects that came later; null to have one made, and to tell them.</param>
    /// <param name="cancellationToken">Gives up waiting; what was begun may still end.</param>
    /// <exception cref="InvalidRequestException">The name is none, or that of this session.</exception>
    /// <exception cref="SessionExistsException">The session to make is there.</exception>
    /// <exception cref="SessionDeletedException">The name is that of a deleted session, or this session was deleted.</exception>
    /// <exception cref="SessionNotFoundException">Nothing was ever saved in this session.</exception>
    /// <exception cref="CheckpointNotFoundException">The checkpoint is not there.</exception>
    /// <exception cref="StateCorruptedException">The state is not what was saved.</exception>
    /// <exception cref="EffectsAfterException">It was to be refused for effects that came later, and not each of them is acknowledged.</exception>
    public async Task<ForkResult> ForkAsync(
        CheckpointReference checkpoint,
        string session,
        bool withHistory = false,
        bool dryRun = false,
        ChangeOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        // It is asked of the session that is made, which alone can give its numbers.
        var made = new SessionHandle(Address with { Session = SessionId.Parse(session) }, _grains, _retrier, _serializer, _time, _sentStates, _anchors);
        var fork = new ForkSession(Address.Session, Own(checkpoint), withHistory, dryRun)
        {
            Effects = options?.Effects ?? default,
            Acknowledge = [.. options?.Acknowledge ?? []],
        };

        // What is copied is of this session, of which the other one knows no anchor.
        await ConfirmNewestAsync(cancellationToken);
        return await (dryRun ? made.RunAsync(fork, cancellationToken) : made.RunAsync(fork, options, cancellationToken));
    }

    /// <summary>
    /// The living sessions that were forked from this one, the newest first about. Reads a page at a time, each of its own instant.
    /// </summary>
    /// <param name="pageItems">The most of a page; the silo allows 1,000 by default.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    /// <exception cref="InvalidRequestException">The page is of less than one.</exception>
    /// <exception cref="OverLimitException">The page is of more than the silo allows.</exception>
    public async IAsyncEnumerable<SessionFork> ForksAsync(
        int pageItems = 100, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? cursor = null;
        do
        {
            var page = await RunAsync(new ListForks(pageItems, cursor), cancellationToken);
            foreach (var fork in page.Items)
            {
                yield return fork;
            }

            cursor = page.Next;
        }
        while (cursor is not null);
    }
}
