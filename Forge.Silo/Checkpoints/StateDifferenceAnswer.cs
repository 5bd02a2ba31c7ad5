using System.Globalization;
using Forge.Checkpoints;
using Microsoft.Net.Http.Headers;

namespace Forge.Silo.Checkpoints;

/// <summary>How a state differs from one that the caller has.</summary>
/// <param name="Base">The checkpoint whose state that is, as the caller named it.</param>
/// <param name="Front">How many bytes of the state of that the state begins with.</param>
/// <param name="End">How many bytes of the state of that the state ends with, behind those at the front.</param>
/// <param name="Sha256">The SHA-256 of the whole state in hexadecimal.</param>
/// <param name="BetweenBase64">The bytes between in base 64.</param>
internal sealed record StateDifferenceAnswer(string Base, int Front, int End, string Sha256, ReadOnlyMemory<byte> BetweenBase64)
{
    public static StateDifferenceAnswer Of(StateDifference difference, ReadOnlyMemory<byte> between) => new(
        difference.Base.ToString(), difference.Front, difference.End, Convert.ToHexStringLower(difference.Checksum.Span), between);

    /// <summary>All but the bytes between, as the parameters of their media type, which goes with them wherever they are told.</summary>
    /// <param name="contentType">The media type of the state.</param>
    public string ToMediaType(string contentType)
    {
        var type = new MediaTypeHeaderValue(StateDifference.MediaType);
        Add("base", HeaderUtilities.EscapeAsQuotedString(Base).ToString());
        Add("front", Front.ToString(CultureInfo.InvariantCulture));
        Add("end", End.ToString(CultureInfo.InvariantCulture));
        Add("sha256", Sha256);
        Add("contentType", HeaderUtilities.EscapeAsQuotedString(contentType).ToString());
        return type.ToString();

        void Add(string name, string value) => type.Parameters.Add(new NameValueHeaderValue(name, value));
    }
}
