using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.Rows;

namespace Forge.History.Encryption;

/// <summary>
/// How a row says what of it is sealed, without a column of its own: by numbers and forms that nothing plain has. Rows that are plain cost
/// nothing, neither to write nor to read.
/// </summary>
internal static class SealedMarks
{
    /// <summary>The bit of a codec that says that the message of the checkpoint is sealed. A row that is written anew keeps it.</summary>
    public const short Message = 16;

    /// <summary>The bit of a codec that says that the stored state is sealed.</summary>
    public const short State = 32;

    /// <summary>What is added to the severity of an annotation whose text is sealed.</summary>
    public const short Severity = 16;

    /// <summary>What the remembered outcome of a request begins with that is sealed: others begin with a hexadecimal digit or a brace.</summary>
    public const string Outcome = "sealed ";

    /// <summary>The codec without what it says of seals.</summary>
    public static short Plain(short codec) => codec < 0 ? codec : (short)(codec & ~(Message | State));

    public static bool HasSealedMessage(short codec) => codec > 0 && (codec & Message) != 0;

    public static bool HasSealedState(short codec) => codec > 0 && (codec & State) != 0;

    public static bool IsSealed(StoredCheckpoint row) => row.Codec != Plain(row.Codec);

    public static bool IsSealed(AnnotationSeverity severity) => (int)severity >= Severity;

    /// <summary>True of a pending write: what is sealed is longer than what it says of its value.</summary>
    public static bool IsSealed(StoredWrite write) => write.Value.Length == write.Size + (long)SealedBytes.Overhead;

    public static bool IsSealed(RememberedRequest request) => request.Outcome.StartsWith(Outcome, StringComparison.Ordinal);

    /// <summary>True if anything of a state is sealed: its row, or one of those that it is decoded on.</summary>
    public static bool AnySealed(StoredState stored)
    {
        var isAny = IsSealed(stored.Row);
        for (var i = 0; i < stored.Bases.Count; i++)
        {
            isAny |= HasSealedState(stored.Bases[i].Codec);
        }

        return isAny;
    }

    /// <summary>True if any of some annotations is sealed.</summary>
    public static bool AnySealed(IReadOnlyList<Annotation> notes)
    {
        var isAny = false;
        for (var i = 0; i < notes.Count; i++)
        {
            isAny |= IsSealed(notes[i].Severity);
        }

        return isAny;
    }

    /// <summary>True if any of some rows is sealed.</summary>
    public static bool AnySealed(IReadOnlyList<StoredCheckpoint> rows)
    {
        var isAny = false;
        for (var i = 0; i < rows.Count; i++)
        {
            isAny |= IsSealed(rows[i]);
        }

        return isAny;
    }
}
