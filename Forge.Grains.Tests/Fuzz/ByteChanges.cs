using System.Text;

namespace Forge.Grains.Tests.Fuzz;

/// <summary>Changes of bytes that know nothing of what they mean.</summary>
internal static class ByteChanges
{
    private static readonly byte[][] IllFormed =
    [
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF8, 0x88], [0xE2, 0x82], [0x00], [0xEF, 0xBB, 0xBF], [0x0A], [0x0D], [0x09], [0x22], [0x5C],
    ];

    public static byte[] Change(byte[] bytes, Random random)
    {
        var at = random.Next(bytes.Length + 1);
        switch (random.Next(6))
        {
            case 0:
                return bytes[..at];
            case 1:
                return [.. bytes[..at], .. IllFormed[random.Next(IllFormed.Length)], .. bytes[at..]];
            case 2:
                return [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(1, 20))..]];
            case 3:
                return [.. bytes, .. bytes[at..]];
            case 4:
                return [.. Encoding.UTF8.GetBytes(new string(' ', random.Next(1, 2_000))), .. bytes];
            default:
                var changed = bytes.ToArray();
                if (at < changed.Length)
                {
                    changed[at] ^= (byte)(1 << random.Next(8));
                }

                return changed;
        }
    }

    /// <summary>Lines of a document, changed as lines and in their parts.</summary>
    public static byte[] Document(IReadOnlyList<JsonPart> lines, Random random)
    {
        var changed = lines.ToList();
        for (var n = random.Next(3); n >= 0 && changed.Count > 0; n--)
        {
            var (one, other) = (random.Next(changed.Count), random.Next(changed.Count));
            switch (random.Next(8))
            {
                case 0: changed.RemoveAt(one); break;
                case 1: changed.Insert(other, changed[one]); break;
                case 2: (changed[one], changed[other]) = (changed[other], changed[one]); break;
                default: changed[one] = changed[one].Changed(random); break;
            }
        }

        var bytes = Encoding.UTF8.GetBytes(string.Concat(changed.Select(line => line + "\n")));
        return random.Next(4) == 0 ? Change(bytes, random) : bytes;
    }
}
