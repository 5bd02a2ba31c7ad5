using Forge.Errors;
using Forge.History.Rows;

namespace Forge.History.Encryption;

/// <summary>Opens and seals rows of one session in a transaction that removes others of it. What is plain asks for no key.</summary>
/// <param name="seal">Answers what opens them; asked once, and only if something is sealed.</param>
internal sealed class SealedRows(Func<SessionSeal> seal)
{
    private SessionSeal? _seal;

    private SessionSeal Keys => _seal ??= seal();

    /// <summary>A row without its state, opened; as it stands if its key was destroyed.</summary>
    /// <exception cref="KeyMissingException">The key cannot be had, and was not destroyed.</exception>
    public StoredCheckpoint Open(StoredCheckpoint row)
    {
        if (!SealedMarks.IsSealed(row))
        {
            return row;
        }

        try
        {
            return Keys.OpenToCheck(row);
        }
        catch (KeyMissingException missing) when (missing.IsDestroyed)
        {
            return row;
        }
    }

    /// <summary>Rows with what their states are decoded on, opened; null if the key of one was destroyed.</summary>
    /// <exception cref="KeyMissingException">A key cannot be had, and was not destroyed.</exception>
    public IReadOnlyList<StoredState>? Open(IReadOnlyList<StoredState> stored)
    {
        if (!stored.Any(SealedMarks.AnySealed))
        {
            return stored;
        }

        try
        {
            return [.. stored.Select(one => Keys.OpenToDecode(one))];
        }
        catch (KeyMissingException missing) when (missing.IsDestroyed)
        {
            return null;
        }
    }

    /// <summary>A state that is written anew: sealed again if it was.</summary>
    /// <param name="copy">The state.</param>
    /// <param name="before">The rows as they are stored.</param>
    /// <exception cref="KeyMissingException">The newest key cannot be had.</exception>
    public EncodedState Seal(EncodedState copy, IReadOnlyList<StoredState> before) =>
        before.Any(one => one.Row.Sequence == copy.Sequence && SealedMarks.HasSealedState(one.Row.Codec)) ? Keys.Seal(copy) : copy;
}
