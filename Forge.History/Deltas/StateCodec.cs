namespace Forge.History.Deltas;

/// <summary>
/// How a row's bytes are encoded. The numbers are stored and never change meaning, and neither does what a number stands for,
/// down to the choice of the dictionary: another way gets another number.
/// </summary>
/// <remarks>
/// All but the plain bytes begin with a checksum (<see cref="StateFrame"/>). A difference goes on with the number of bytes at
/// the front and at the end of the base that are there unchanged, both as varints; what is between them, the middle, follows.
/// Its length is that of the state less both. Compressed bytes are one zstd frame (RFC 8878) without magic number, content
/// size, checksum and dictionary id.
/// </remarks>
internal static class StateCodec
{
    /// <summary>The bytes as they are.</summary>
    public const short Plain = 0;

    /// <summary>A full copy, compressed.</summary>
    public const short Compressed = 1;

    /// <summary>A difference whose middle stands as it is.</summary>
    public const short Delta = 2;

    /// <summary>A difference whose middle is compressed, with <see cref="DictionaryWindow"/> of the base as its prefix.</summary>
    public const short CompressedDelta = 3;

    /// <summary>Of what was sealed and is not what was sealed there any more. It is never stored.</summary>
    public const short NotOpened = -1;

    /// <summary>The greatest state that there is: what the limit of states can be set to.</summary>
    public const int MaxSize = 64 * 1024 * 1024;
}
