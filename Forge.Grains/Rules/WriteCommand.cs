using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.History.Rows;

namespace Forge.Grains.Rules;

/// <summary>A pending write whose values were checked, with the SHA-256 of its value.</summary>
internal readonly record struct WriteCommand(NewWrite Input, byte[] Checksum)
{
    public WriteKey Key => new(Input.Task, Input.Index);

    public static WriteCommand Of(NewWrite input) => new(input, SHA256.HashData(input.Value.Span));

    /// <summary>The row that it makes, as yet without its seal.</summary>
    /// <param name="sequence">The sequence of its checkpoint.</param>
    /// <param name="at">When it is written, in whole microseconds.</param>
    public StoredWrite ToRow(long sequence, DateTimeOffset at) => new()
    {
        Sequence = sequence,
        Task = Input.Task,
        Index = Input.Index,
        Name = Input.Name,
        ContentType = Input.ContentType,
        At = at,
        Size = Input.Value.Length,
        Checksum = Checksum,
        Value = Input.Value,
    };
}
