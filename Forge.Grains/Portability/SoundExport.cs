using Forge.Documents.Sessions;
using Forge.Errors;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Portability;

/// <summary>
/// What of a session can be exported though some of it is damaged. A document says at its beginning how much follows, so the
/// snapshot is read once before it is written.
/// </summary>
internal sealed class SoundExport
{
    private readonly List<LeftOutCheckpoint> _leftOut = [];
    private long _count;
    private long _last;
    private bool _hasCurrent;

    /// <summary>Reads all of a snapshot.</summary>
    /// <param name="address">The session.</param>
    /// <param name="snapshot">The snapshot, which can be read again.</param>
    /// <param name="each">Is called at each row, and may end it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<SoundExport> FindAsync(
        SessionAddress address, IHistorySnapshot snapshot, Action each, CancellationToken cancellationToken)
    {
        var (sound, current) = (new SoundExport(), snapshot.Head.Head.Current);
        await foreach (var checkpoint in snapshot.ReadSoundAsync(sound.LeaveOut, cancellationToken))
        {
            each();
            try
            {
                DocumentRows.CheckpointOf(address, checkpoint);
            }
            catch (StateCorruptedException damage)
            {
                sound.LeaveOut(damage);
                continue;
            }

            sound._count++;
            sound._last = checkpoint.Row.Sequence;
            sound._hasCurrent |= checkpoint.Row.Sequence == current;
        }

        return sound;
    }

    /// <summary>
    /// The header of the document without what is damaged. If the current checkpoint is among that, the newest one that is left
    /// takes its place; if nothing is current, nothing does.
    /// </summary>
    public DocumentHeader Without(DocumentHeader whole) => whole with
    {
        Count = _count,
        Head = _last,
        Current = _hasCurrent || whole.Current == 0 ? whole.Current : _last,
        LeftOut = new LeftOut(whole.Count - _count, _leftOut),
    };

    private void LeaveOut(StateCorruptedException damage)
    {
        if (_leftOut.Count < LeftOut.MaxCheckpoints)
        {
            _leftOut.Add(new LeftOutCheckpoint(damage.Sequence, damage.Problem));
        }
    }
}
