using System.Text.Json;
using Forge.Errors;

namespace Forge.Silo.Rpc;

/// <summary>The parameters of a call, as they were sent.</summary>
/// <param name="Json">The object that has them.</param>
/// <param name="Members">Each of them, none twice.</param>
internal readonly record struct RpcParams(ReadOnlyMemory<byte> Json, IReadOnlyList<RpcMember> Members)
{
    /// <summary>The parameters that an object has.</summary>
    /// <param name="json">The object.</param>
    /// <param name="limit">The most that it may have.</param>
    /// <exception cref="InvalidRequestException">It is no object, or has one of them twice.</exception>
    /// <exception cref="OverLimitException">It has more.</exception>
    public static RpcParams Read(ReadOnlyMemory<byte> json, int limit)
    {
        List<RpcMember> members = [];
        JsonObjectReader.Read(json, "arguments.", (ref reader) =>
        {
            while (reader.Next(out var name))
            {
                if (members.Count == limit)
                {
                    throw new OverLimitException("arguments", limit, members.Count + 1, "properties");
                }

                var value = reader.Raw();
                members.Add(new RpcMember(name, TypeOf(value.Span[0]), value));
            }

            return members.Count;
        });
        return new RpcParams(json, members);
    }

    private static JsonTokenType TypeOf(byte first) => (char)first switch
    {
        '{' => JsonTokenType.StartObject,
        '[' => JsonTokenType.StartArray,
        '"' => JsonTokenType.String,
        't' => JsonTokenType.True,
        'f' => JsonTokenType.False,
        'n' => JsonTokenType.Null,
        _ => JsonTokenType.Number,
    };
}
