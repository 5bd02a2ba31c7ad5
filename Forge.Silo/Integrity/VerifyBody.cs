using Forge.Errors;
using Forge.Sessions;
using Forge.Silo.Http;

namespace Forge.Silo.Integrity;

/// <summary>The JSON of a verification; it may be left out.</summary>
/// <param name="Anchors">Anchors from earlier answers.</param>
internal sealed record VerifyBody(IReadOnlyList<AnchorBody>? Anchors = null)
{
    private const string Field = "anchors";
    private const int MaxAnchors = 1000;

    public static IReadOnlyList<Anchor> Parse(ReadOnlyMemory<byte> json) =>
        json.IsEmpty ? [] : JsonObjectReader.Read(json, "", (ref JsonObjectReader reader) =>
        {
            IReadOnlyList<Anchor> anchors = [];
            while (reader.Next(out var name))
            {
                if (name != Field)
                {
                    reader.RefuseUnknown();
                }

                anchors = reader.Objects(ParseAnchor, MaxAnchors);
            }

            return anchors;
        });

    private static Anchor ParseAnchor(ref JsonObjectReader reader)
    {
        var (position, chain) = (0L, (string?)null);
        while (reader.Next(out var name))
        {
            switch (name)
            {
                case "position":
                    position = reader.Integer() ?? 0;
                    break;
                case "chain":
                    chain = reader.String();
                    break;
                default:
                    reader.RefuseUnknown();
                    break;
            }
        }

        return new Anchor(position, chain ?? throw new InvalidRequestException(Field, "must each have a position and a chain"));
    }
}

/// <summary>An anchor.</summary>
/// <param name="Position">The position in the session's log.</param>
/// <param name="Chain">The chain value in hexadecimal.</param>
internal sealed record AnchorBody(long Position, string Chain);
