using Forge.Errors;

namespace Forge.Silo.Http;

/// <summary>
/// The parameters of a request that came as one JSON object, in the place of a path, a query, headers and a body. What its body
/// would hold is read from the very bytes of that object.
/// </summary>
/// <param name="json">The object.</param>
/// <param name="bodyNames">The names of the body's properties, by what they are called in the object.</param>
internal sealed class GivenObject(ReadOnlyMemory<byte> json, IReadOnlyDictionary<string, string> bodyNames)
{
    /// <summary>Beside a body there are names of sessions, conditions and cursors.</summary>
    public const int Frame = 16 * 1024;

    public ReadOnlyMemory<byte> Json { get; } = json;

    /// <summary>True if a property of the object is none of the body's.</summary>
    public bool IsElsewhere(string called) => !bodyNames.ContainsKey(called);

    /// <summary>The name of the body's property that is called so in the object.</summary>
    public string NameOf(string called) => bodyNames[called];

    /// <summary>What a property of the body is called in the object.</summary>
    public string CallOf(string name) => bodyNames.First(pair => pair.Value == name).Key;

    /// <exception cref="OverLimitException">The object is larger than it can be with a body of at most so many bytes.</exception>
    public void RequireWithin(long limit)
    {
        if (Json.Length > limit + Frame)
        {
            throw new OverLimitException("params", limit + Frame, Json.Length, "bytes");
        }
    }

    /// <summary>The items of an array, each as the bytes that were sent.</summary>
    /// <param name="name">The property.</param>
    /// <param name="limit">The most items.</param>
    /// <exception cref="InvalidRequestException">It is not there, or no array.</exception>
    /// <exception cref="OverLimitException">There are more.</exception>
    public IReadOnlyList<ReadOnlyMemory<byte>> Items(string name, int limit)
    {
        var count = 0;
        var items = JsonObjectReader.Read(Json, "", (ref reader) =>
        {
            List<ReadOnlyMemory<byte>>? found = null;
            while (reader.Next(out var called))
            {
                if (called == name)
                {
                    (found, count) = reader.Items(limit);
                }
                else
                {
                    reader.Raw();
                }
            }

            return found ?? throw new InvalidRequestException(name, "must be given: an array of objects");
        });
        return count <= limit ? items : throw new OverLimitException(name, limit, count, "records");
    }
}
