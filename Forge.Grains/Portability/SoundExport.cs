using Forge.Checkpoints;
using Forge.Documents.Sessions;
using Forge.Errors;
using Forge.History.Deltas;
using Forge.History.Rows;
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
    private readonly Dictionary<string, long> _lasts = new(StringComparer.Ordinal);
    private readonly HashSet<long> _currents = [];
    private readonly List<SequenceRange> _gone = [];
    private RemovedSequences? _without;
    private bool _require;
    private long _count;

    /// <summary>Reads all of a snapshot.</summary>
    /// <param name="address">The session.</param>
    /// <param name="snapshot">The snapshot, which can be read again.</param>
    /// <param name="each">Is called at each row, and may end it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<SoundExport> FindAsync(
        SessionAddress address, IHistorySnapshot snapshot, Action each, CancellationToken cancellationToken)
    {
        var (sound, currents) = (new SoundExport(), snapshot.Head.Currents);
        await foreach (var checkpoint in snapshot.ReadSoundAsync(sound.LeaveOut, cancellationToken))
        {
            each();
            try
            {
                await LargeStates.RunAsync(checkpoint.Row.Size, () => DocumentRows.CheckpointOf(address, checkpoint));
            }
            catch (StateCorruptedException damage)
            {
                sound.LeaveOut(damage);
                continue;
            }

            sound._count++;
            sound._require |= sound.Without(checkpoint).Row.Requires is not null;
            sound._lasts[checkpoint.Row.Branch ?? BranchNames.Main] = checkpoint.Row.Sequence;
            if (currents.Contains(checkpoint.Row.Sequence))
            {
                sound._currents.Add(checkpoint.Row.Sequence);
            }
        }

        return sound;
    }

    /// <summary>
    /// The header of the document without what is damaged. If the current checkpoint of a branch is among that, the newest one that is
    /// left of the branch takes its place; if nothing is current, nothing does. A branch of which nothing is left is not in it.
    /// </summary>
    public DocumentHeader Without(DocumentHeader whole) => whole with
    {
        Count = _count,
        Head = _lasts.GetValueOrDefault(BranchNames.Main),
        Current = CurrentOf(BranchNames.Main, whole.Current),
        Branches = whole.Branches.Where(b => _lasts.ContainsKey(b.Key))
            .ToDictionary(b => b.Key, b => CurrentOf(b.Key, b.Value), StringComparer.Ordinal),
        LeftOut = new LeftOut(whole.Count - _count, _leftOut),
        Require = _require,
    };

    /// <summary>
    /// A checkpoint as the document without what is damaged has it: it requires nothing of that, which would be missing wherever the
    /// document goes.
    /// </summary>
    public AnnotatedCheckpoint Without(AnnotatedCheckpoint whole)
    {
        if (whole.Row.Requires is not { } requires || _gone.Count == 0)
        {
            return whole;
        }

        var gone = _without ??= new RemovedSequences(_gone);
        return whole with { Row = whole.Row with { Requires = RequiredText.Of(RequiredText.Read(requires).Where(s => !gone.Cover(s))) } };
    }

    private long CurrentOf(string branch, long current) =>
        current == 0 || _currents.Contains(current) ? current : _lasts.GetValueOrDefault(branch);

    private void LeaveOut(StateCorruptedException damage)
    {
        // They come by rising sequence, and each before what requires it.
        _without = null;
        if (_gone.Count > 0 && _gone[^1].Last + 1 == damage.Sequence)
        {
            _gone[^1] = _gone[^1] with { Last = damage.Sequence };
        }
        else
        {
            _gone.Add(new SequenceRange(damage.Sequence, damage.Sequence));
        }

        if (_leftOut.Count < LeftOut.MaxCheckpoints)
        {
            _leftOut.Add(new LeftOutCheckpoint(damage.Sequence, damage.Problem));
        }
    }
}
