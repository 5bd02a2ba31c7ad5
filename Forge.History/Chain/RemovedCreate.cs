using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Chain;

/// <summary>
/// Remembers the create of a checkpoint whose row goes while the create may still be repeated. While the row is there, it
/// is its own memory.
/// </summary>
/// <remarks>
/// The outcome has a fixed bound, whatever the checkpoint was, and none of its text: the version of this form, sequence,
/// parent, position and trigger as decimal numbers, and base64 of the digests with the chain value, if there is one,
/// behind them; a space between each. Both may be there in two lengths, and the length of both tells which. The sequences that the
/// checkpoint required stand last, if there are any: a repeat may name them by ids, which nothing else tells any more.
/// </remarks>
internal static class RemovedCreate
{
    public const string Kind = "create";

    private const string Version = "1";

    /// <summary>Nothing may be missing, or be null that is none.</summary>
    private static readonly JsonSerializerOptions Complete = new()
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public static RememberedRequest Remember(StoredCheckpoint checkpoint)
    {
        var create = EarlierCreate.Of(checkpoint);
        var chain = checkpoint.Chain ?? [];
        var bytes = new byte[create.Digests.Length + chain.Length];
        create.Digests.Write(bytes);
        chain.CopyTo(bytes.AsSpan(create.Digests.Length));
        return new(create.Id.Value, create.CreatedAt, Kind, string.Create(
            CultureInfo.InvariantCulture,
            $"{Version} {create.Sequence} {create.Parent} {create.Position} {(short)create.Digests.Trigger} {Convert.ToBase64String(bytes)}{(create.Requires is null ? "" : " ")}{create.Requires}"));
    }

    /// <exception cref="StateCorruptedException">The outcome is none that <see cref="Remember"/> wrote.</exception>
    public static EarlierCreate Recall(SessionAddress address, RememberedRequest request) =>
        Decode(request) ?? throw new StateCorruptedException(
            address, 0, new CheckpointId(request.Id), "what is remembered of its create can't be decoded");

    private static EarlierCreate? Decode(RememberedRequest request)
    {
        Span<byte> bytes = stackalloc byte[CreateDigests.MostLength + HistoryChain.Length];
        if (request.Outcome.StartsWith('{'))
        {
            return WrittenAtLength(request);
        }

        var parts = request.Outcome.Split(' ');
        if (parts is not ([Version, _, _, _, _, _] or [Version, _, _, _, _, _, _])
            || !TryParse(parts[1], out long sequence)
            || !TryParse(parts[2], out long parent)
            || !TryParse(parts[3], out long position)
            || !TryParse(parts[4], out short trigger)
            || !Convert.TryFromBase64String(parts[5], bytes, out var length)
            || !TrySplit(bytes[..length], out var digests, out var chain)
            || (parts.Length > 6 && RequiredText.Of(RequiredText.Read(parts[6])) != parts[6]))
        {
            return null;
        }

        return new EarlierCreate
        {
            Id = new CheckpointId(request.Id),
            Sequence = sequence,
            CreatedAt = request.At,
            Parent = parent,
            Position = position,
            Chain = chain.IsEmpty ? null : Convert.ToHexStringLower(chain),
            Digests = CreateDigests.Read(digests, (CheckpointTrigger)trigger),
            Requires = parts.Length > 6 ? parts[6] : null,
        };
    }

    /// <summary>Parts the digests from the chain value.</summary>
    private static bool TrySplit(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> digests, out ReadOnlySpan<byte> chain)
    {
        var length = bytes.Length > CreateDigests.MostLength ? bytes.Length - HistoryChain.Length : bytes.Length;
        digests = bytes[..length];
        chain = bytes[length..];
        return length is CreateDigests.LeastLength or CreateDigests.MostLength;
    }

    /// <summary>The form of the first versions: a JSON object with the whole of the create. Forgotten a request window after them.</summary>
    private static EarlierCreate? WrittenAtLength(RememberedRequest request)
    {
        try
        {
            return JsonSerializer.Deserialize<Whole>(request.Outcome, Complete)?.ToCreate(request);
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            return null;
        }
    }

    private static bool TryParse<T>(string text, out T value)
        where T : struct, INumberBase<T> => T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private sealed record Whole(
        long Sequence, long Parent, string Message, string[] Tags, CheckpointTrigger Trigger, string ContentType, string Checksum,
        long Position = 0, string? Chain = null)
    {
        public EarlierCreate ToCreate(RememberedRequest request) => EarlierCreate.Of(new StoredCheckpoint
        {
            Id = new CheckpointId(request.Id),
            Sequence = Sequence,
            CreatedAt = request.At,
            Position = Position,
            Parent = Parent,
            Message = Message,
            Tags = Tags,
            Trigger = Trigger,
            ContentType = ContentType,
            Size = 0,
            Checksum = Convert.FromHexString(Checksum),
            StoredSize = 0,
            Chain = Chain is null ? null : Convert.FromHexString(Chain),
        });
    }
}
