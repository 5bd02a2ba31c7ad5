using System.Buffers.Text;
using System.Text;
using Forge.Errors;
using Forge.Identity;

namespace Forge.Grains.Catalog;

/// <summary>The cursor of a list of sessions: the last name shown, opaque to callers. It stays good while sessions come and go.</summary>
internal static class SessionCursor
{
    private const char Mark = 's';

    public static string Make(SessionId last) => Base64Url.EncodeToString(Encoding.ASCII.GetBytes(Mark + last.Value));

    /// <exception cref="InvalidRequestException">It was not made by <see cref="Make"/>.</exception>
    public static string Parse(string cursor)
    {
        // A third longer than what it stands for.
        if (cursor.Length <= 2 * SessionId.MaxLength && Base64Url.IsValid(cursor))
        {
            var text = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(cursor));
            if (text.StartsWith(Mark) && SessionId.TryParse(text[1..], out var last))
            {
                return last.Value;
            }
        }

        throw new InvalidRequestException("cursor", "must be the 'next' of a page of sessions");
    }
}
