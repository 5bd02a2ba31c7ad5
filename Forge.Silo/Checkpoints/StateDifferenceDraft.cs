using Forge.Checkpoints;
using Forge.Errors;
using Forge.Silo.Http;
using Microsoft.Net.Http.Headers;

namespace Forge.Silo.Checkpoints;

/// <summary>A state that is given as the difference from that of a checkpoint, as it came.</summary>
internal sealed record StateDifferenceDraft
{
    private const int ChecksumDigits = 64;

    /// <summary>The object in a body. If the bytes between are the body, the query has the rest.</summary>
    public static JsonShape<StateDifferenceDraft> Shape { get; } = new JsonShape<StateDifferenceDraft> { Limit = limits => limits.Create }
        .Required(
            "base", JsonKind.TextOrIntegerOf(ParseNamed), "The checkpoint whose state it differs from, by id or sequence.",
            (draft, from) => draft with { Base = from })
        .Required(
            "front", JsonKind.Count, "How many bytes of the state of that the state begins with.", (draft, front) => draft with { Front = front })
        .Required(
            "end", JsonKind.Count, "How many bytes of the state of that the state ends with, behind those at the front.",
            (draft, end) => draft with { End = end })
        .Required(
            "sha256", JsonKind.TextOf(ParseChecksum), "The SHA-256 of the whole state in hexadecimal.",
            (draft, checksum) => draft with { Checksum = checksum })
        .Required(
            "betweenBase64", JsonKind.Base64, "The bytes between in base 64; empty for none.",
            (draft, between) => draft with { Between = between });

    public CheckpointReference Base { get; init; }

    public int Front { get; init; }

    public int End { get; init; }

    public byte[] Checksum { get; init; } = [];

    public ReadOnlyMemory<byte> Between { get; init; }

    /// <summary>True if a request says that its body is the bytes between.</summary>
    public static bool IsBodyOf(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals(StateDifference.MediaType, StringComparison.OrdinalIgnoreCase);

    public StateDifference ToDifference() => new() { Base = Base, Front = Front, End = End, Checksum = Checksum };

    /// <summary>Reads the name of a checkpoint whose state a caller has.</summary>
    public static CheckpointReference? ParseNamed(string field, string? value)
    {
        try
        {
            return value is null ? null
                : value is not ("latest" or "current") ? CheckpointReference.Parse(value)
                : throw MustBeNamed(null);
        }
        catch (InvalidRequestException exception) when (exception.Field != field)
        {
            throw MustBeNamed(exception);
        }

        InvalidRequestException MustBeNamed(Exception? cause) => new(field, "must be an id or a sequence number", cause);
    }

    private static byte[]? ParseChecksum(string field, string? digits) => digits is null ? null
        : digits.Length == ChecksumDigits && digits.All(char.IsAsciiHexDigit) ? Convert.FromHexString(digits)
        : throw new InvalidRequestException(field, $"must be {ChecksumDigits} hexadecimal digits");
}
