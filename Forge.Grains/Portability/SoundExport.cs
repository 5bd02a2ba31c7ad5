using Forge.Checkpoints;
using Forge.Documents.Sessions;
using Forge.Errors;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.History.Verification;
using Forge.Identity;

namespace Forge.Grains.Portability;

/// <summary>
/// What of a session can be exported though some of it is damaged. A document says at its beginning how much follows, so the
/// snapshot is read once before it is written.
/// </summary>
internal sealed class SoundExport
{
    private static readonly Comparer<SequenceRange> ByFirst = Comparer<SequenceRange>.Create((a, b) => a.First.CompareTo(b.First));

    private readonly List<LeftOutCheckpoint> _leftOut = [];
    private readonly Dictionary<string, long> _lasts = new(StringComparer.Ordinal);
    private readonly HashSet<long> _currents = [];
    private readonly List<SequenceRange> _written = [];
    private bool _require;
    private long _count;
    private long _writes;

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
            sound.Write(checkpoint.Row.Sequence);
            sound._require |= sound.Without(checkpoint).Row.Requires is not null;
            sound._lasts[checkpoint.Row.Branch ?? BranchNames.Main] = checkpoint.Row.Sequence;
            if (currents.Contains(checkpoint.Row.Sequence))
            {
                sound._currents.Add(checkpoint.Row.Sequence);
            }
        }

        if (snapshot.Head.Head.WriteCount > 0)
        {
            await foreach (var write in snapshot.WritesAsync(cancellationToken))
            {
                each();
                sound._writes += sound.Holds(address, write) ? 1 : 0;
            }
        }

        return sound;
    }

    /// <summary>True if the document without what is damaged has a pending write: it is sound, and so is its checkpoint.</summary>
    public bool Holds(SessionAddress address, StoredWriteRow write) =>
        IsWritten(write.Position.Sequence) && write.Row is { } row && WriteAudit.ProblemOf(address, row) is null;

    /// <summary>
    /// The header of the document without what is damaged. If the current checkpoint of a branch is among that, the newest one that is
    /// left of the branch takes its place; if nothing is current, nothing does. A branch of which nothing is left is not in it.
    /// </summary>
    public DocumentHeader Without(DocumentHeader whole) => whole with
    {
        Count = _count,
        Writes = _writes,
        Head = _lasts.GetValueOrDefault(BranchNames.Main),
        Current = CurrentOf(BranchNames.Main, whole.Current),
        Branches = whole.Branches.Where(b => _lasts.ContainsKey(b.Key))
            .ToDictionary(b => b.Key, b => CurrentOf(b.Key, b.Value), StringComparer.Ordinal),
        LeftOut = new LeftOut(whole.Count - _count, _leftOut) { Writes = whole.Writes - _writes },
        Require = _require,
    };

    /// <summary>
    /// A checkpoint as the document without what is damaged has it: it requires nothing that is not in it and would be missing wherever
    /// the document goes.
    /// </summary>
    public AnnotatedCheckpoint Without(AnnotatedCheckpoint whole) => whole.Row.Requires is { } requires
        ? whole with { Row = whole.Row with { Requires = RequiredText.Of(RequiredText.Read(requires).Where(IsWritten)) } }
        : whole;

    private void Write(long sequence)
    {
        // They come by rising sequence, and each before what requires it.
        if (_written.Count > 0 && _written[^1].Last + 1 == sequence)
        {
            _written[^1] = _written[^1] with { Last = sequence };
        }
        else
        {
            _written.Add(new SequenceRange(sequence, sequence));
        }
    }

    private bool IsWritten(long sequence)
    {
        var at = _written.BinarySearch(new SequenceRange(sequence, sequence), ByFirst);
        return at >= 0 || (~at > 0 && _written[~at - 1].Last >= sequence);
    }

    private long CurrentOf(string branch, long current) =>
        current == 0 || _currents.Contains(current) ? current : _lasts.GetValueOrDefault(branch);

    private void LeaveOut(StateCorruptedException damage)
    {
        if (_leftOut.Count < LeftOut.MaxCheckpoints)
        {
            _leftOut.Add(new LeftOutCheckpoint(damage.Sequence, damage.Problem));
        }
    }
}
