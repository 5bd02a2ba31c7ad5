using System.Security.Cryptography;
using System.Text;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Encryption;

/// <summary>
/// Seals the values of one session and opens them: AES-256-GCM by a key of the session, which is made of a data key of its tenant, so that a
/// random nonce is good for as many values as a session can have. Not for use by two threads at once.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="keys">The keys of its tenant.</param>
/// <param name="areOfNow">True if they were read after what is to be opened, so that a number that is not among them is none.</param>
internal sealed class SessionSeal(SessionAddress session, TenantKeys keys, bool areOfNow)
{
    private const string NotOurs = "is not the one that was sealed here";

    private (int Number, byte[] Key)? _last;

    /// <summary>How many data keys of the tenant are destroyed.</summary>
    public int Destroyed => keys.Destroyed;

    /// <summary>True if a commit has values that are to be sealed.</summary>
    public static bool IsFor(SessionCommit commit)
    {
        var isFor = false;
        for (var i = 0; i < commit.Changes.Count; i++)
        {
            isFor |= IsFor(commit.Changes[i]);
        }

        return isFor;
    }

    /// <summary>The same commit with all values sealed that are to be.</summary>
    public SessionCommit Seal(SessionCommit commit)
    {
        SessionChange[] changes = [.. commit.Changes];
        for (var i = 0; i < changes.Length; i++)
        {
            changes[i] = !IsFor(changes[i]) ? changes[i] : changes[i] switch
            {
                Created created => new Created(Seal(created.Row)),
                Mended mended => new Mended(Seal(mended.Copy)),
                Annotated annotated => new Annotated(Seal(annotated.Note)),
                Wrote wrote => new Wrote(Seal(wrote.Row)),
                Remembered remembered => new Remembered(Seal(remembered.Request)),
                var other => other,
            };
        }

        return commit with { Changes = changes };
    }

    /// <summary>A checkpoint with its message and its state sealed.</summary>
    public StoredCheckpoint Seal(StoredCheckpoint row)
    {
        var stored = Seal(row.Stored.Span, SealedPlace.OfState(row.Sequence, row.Checksum));
        return row with
        {
            Message = Seal(row.Message, SealedPlace.OfMessage(row.Sequence, row.Id)),
            Codec = (short)(row.Codec | SealedMarks.Message | SealedMarks.State),
            Stored = stored,
            StoredSize = row.StoredSize + SealedBytes.Overhead,
        };
    }

    /// <summary>A state alone, of a row that is written anew: whether its message is sealed stays as it is.</summary>
    public EncodedState Seal(EncodedState state) => state with
    {
        Codec = (short)(state.Codec | SealedMarks.State),
        Stored = Seal(state.Stored.Span, SealedPlace.OfState(state.Sequence, state.Checksum)),
    };

    public NewAnnotation Seal(NewAnnotation note) => note with
    {
        Severity = note.Severity + SealedMarks.Severity,
        Text = Seal(note.Text, SealedPlace.OfAnnotation(note.Sequence, note.Position, note.Severity)),
    };

    public StoredWrite Seal(StoredWrite write) => write with { Value = Seal(write.Value.Span, SealedPlace.OfWrite(write)) };

    private RememberedRequest Seal(RememberedRequest request) => request with
    {
        Outcome = SealedMarks.Outcome + Seal(request.Outcome, SealedPlace.OfRequest(request)),
    };

    /// <summary>A row as it was before it was sealed. If its state is not what was sealed, decoding it says so.</summary>
    /// <param name="row">The row.</param>
    /// <exception cref="StateCorruptedException">Its message is not what was sealed.</exception>
    /// <exception cref="KeyMissingException">The key cannot be had.</exception>
    public StoredCheckpoint Open(StoredCheckpoint row) =>
        SealedMarks.HasSealedMessage(row.Codec) ? OpenState(row) with { Message = OpenMessage(row.Sequence, row.Id, row.Message) } : OpenState(row);

    /// <summary>The same, but that a message that is not what was sealed stays as it stands: whoever holds it against the chain finds it.</summary>
    /// <exception cref="KeyMissingException">The key cannot be had.</exception>
    public StoredCheckpoint OpenToCheck(StoredCheckpoint row) => !SealedMarks.HasSealedMessage(row.Codec) ? OpenState(row)
        : OpenState(row) with { Message = TryOpen(row.Message, SealedPlace.OfMessage(row.Sequence, row.Id)) ?? row.Message };

    /// <summary>The same of a row of a list, without its message if that was sealed by a key that was destroyed.</summary>
    /// <exception cref="StateCorruptedException">Its message is not what was sealed.</exception>
    /// <exception cref="KeyMissingException">The key cannot be had, and was not destroyed.</exception>
    public StoredCheckpoint OpenToList(StoredCheckpoint row)
    {
        try
        {
            return Open(row);
        }
        catch (KeyMissingException missing) when (missing.IsDestroyed && row.Stored.IsEmpty)
        {
            return OpenState(row) with { Message = "" };
        }
    }

    /// <summary>The message of a sealed row.</summary>
    /// <exception cref="StateCorruptedException">It is not what was sealed.</exception>
    /// <exception cref="KeyMissingException">The key cannot be had.</exception>
    public string OpenMessage(long sequence, CheckpointId id, string message) => TryOpen(message, SealedPlace.OfMessage(sequence, id))
        ?? throw new StateCorruptedException(session, sequence, id, $"its message {NotOurs}");

    /// <summary>A state as it was before it was sealed. If it is not what was sealed, decoding it says so.</summary>
    /// <exception cref="KeyMissingException">The key cannot be had.</exception>
    public EncodedState Open(EncodedState state) => !SealedMarks.HasSealedState(state.Codec) ? state with { Codec = SealedMarks.Plain(state.Codec) }
        : TryOpen(state.Stored.Span, SealedPlace.OfState(state.Sequence, state.Checksum)) is { } plain
            ? state with { Codec = SealedMarks.Plain(state.Codec), Stored = plain }
            : state with { Codec = StateCodec.NotOpened };

    /// <summary>The same of a row with what its state is decoded on.</summary>
    /// <exception cref="StateCorruptedException">Its message is not what was sealed.</exception>
    /// <exception cref="KeyMissingException">The key cannot be had.</exception>
    public StoredState Open(StoredState stored) => new(Open(stored.Row), Open(stored.Bases));

    /// <summary>The same, but that a message that is not what was sealed stays as it stands: whoever wants the state finds what is wrong with that.</summary>
    /// <exception cref="KeyMissingException">The key cannot be had.</exception>
    public StoredState OpenToDecode(StoredState stored) => new(OpenToCheck(stored.Row), Open(stored.Bases));

    public IReadOnlyList<EncodedState> Open(IReadOnlyList<EncodedState> bases) => bases.Count == 0 ? bases : [.. bases.Select(Open)];

    /// <summary>An annotation as it was before it was sealed.</summary>
    /// <exception cref="StateCorruptedException">It is not what was sealed.</exception>
    /// <exception cref="KeyMissingException">The key cannot be had.</exception>
    public NewAnnotation Open(NewAnnotation note) => TryOpen(note)
        ?? throw new StateCorruptedException(session, note.Sequence, default, $"its annotation {note.Position} {NotOurs}");

    /// <summary>The same; null if it is not what was sealed.</summary>
    /// <exception cref="KeyMissingException">The key cannot be had.</exception>
    public NewAnnotation? TryOpen(NewAnnotation note)
    {
        if (!SealedMarks.IsSealed(note.Severity))
        {
            return note;
        }

        var severity = note.Severity - SealedMarks.Severity;
        return TryOpen(note.Text, SealedPlace.OfAnnotation(note.Sequence, note.Position, severity)) is { } text
            ? note with { Severity = severity, Text = text }
            : null;
    }

    /// <summary>The annotations of a checkpoint.</summary>
    /// <exception cref="StateCorruptedException">One is not what was sealed.</exception>
    /// <exception cref="KeyMissingException">The key cannot be had.</exception>
    public IReadOnlyList<Annotation> Open(long sequence, IReadOnlyList<Annotation> notes) => !SealedMarks.AnySealed(notes) ? notes :
    [
        .. notes.Select(n => Open(new NewAnnotation(sequence, n.Position, n.At, n.Severity, n.Text)))
            .Select(n => new Annotation(n.Position, n.At, n.Severity, n.Text)),
    ];

    /// <summary>A pending write as it was before it was sealed; null if it is not what was sealed.</summary>
    /// <exception cref="KeyMissingException">The key cannot be had.</exception>
    public StoredWrite? TryOpen(StoredWrite write) => !SealedMarks.IsSealed(write) ? write
        : TryOpen(write.Value.Span, SealedPlace.OfWrite(write)) is { } value ? write with { Value = value }
        : null;

    /// <summary>What is remembered of a request, as it was before it was sealed.</summary>
    /// <exception cref="StateCorruptedException">It is not what was sealed.</exception>
    /// <exception cref="KeyMissingException">The key cannot be had.</exception>
    public RememberedRequest Open(RememberedRequest request) => !SealedMarks.IsSealed(request) ? request
        : TryOpen(request.Outcome[SealedMarks.Outcome.Length..], SealedPlace.OfRequest(request)) is { } outcome ? request with { Outcome = outcome }
        : throw new StateCorruptedException(session, 0, new CheckpointId(request.Id), $"what is remembered under it {NotOurs}");

    private StoredCheckpoint OpenState(StoredCheckpoint row)
    {
        if (!SealedMarks.HasSealedState(row.Codec))
        {
            return row with { Codec = SealedMarks.Plain(row.Codec) };
        }

        if (row.Stored.IsEmpty)
        {
            // It was read without its state, for a sealed one is never empty.
            return row with { Codec = SealedMarks.Plain(row.Codec), StoredSize = row.StoredSize - SealedBytes.Overhead };
        }

        var state = Open(new EncodedState(row));
        return row with { Codec = state.Codec, Stored = state.Stored, StoredSize = row.StoredSize - (row.Stored.Length - state.Stored.Length) };
    }

    /// <summary>
    /// Of what is remembered, that of creates holds none of their text, and that of the lives of a name is asked for when there is nothing else of
    /// the session.
    /// </summary>
    private static bool IsFor(SessionChange change) => change switch
    {
        Created or Mended or Annotated or Wrote => true,
        Remembered { Request.Kind: var kind } => kind != RemovedCreate.Kind && !LifeRequests.Includes(kind),
        _ => false,
    };

    private string Seal(string text, ReadOnlySpan<byte> place) => Convert.ToBase64String(Seal(Encoding.UTF8.GetBytes(text), place));

    private byte[] Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> place)
    {
        // Whoever makes this has seen to it that there is one.
        var number = keys.Newest!.Value.Row.Number;
        return SealedBytes.Seal(plain, number, KeyOf(number), place);
    }

    private string? TryOpen(string text, ReadOnlySpan<byte> place)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) && TryOpen(bytes.AsSpan(0, length), place) is { } plain
            ? Encoding.UTF8.GetString(plain)
            : null;
    }

    private byte[]? TryOpen(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> place)
    {
        if (SealedBytes.NumberOf(bytes) is not { } number)
        {
            return null;
        }

        if (keys.Knows(number))
        {
            return SealedBytes.Open(bytes, KeyOf(number), place);
        }

        // Another silo may have made it since; if not, this is no number that anybody wrote.
        return areOfNow ? null : throw new KeysNotHeldException(session.Tenant, number);
    }

    private byte[] KeyOf(int number)
    {
        if (_last is not { } last || last.Number != number)
        {
            _last = last = (number, HMACSHA256.HashData(keys.Require(number), SealedPlace.OfSession(session)));
        }

        return last.Key;
    }
}
